package org.caprl.core.data.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.caprl.core.InputException;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.RowUse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HoldoutTest {
    @TempDir
    Path folder;

    private static FileSource.Split split(Path named, long seed, double share) {
        return FileSource.split(named, RowUse.QUESTIONS, BadRows.FAIL, seed, new Holdout(share));
    }

    @Test
    void aboutTheShareIsHeldOutAndALargerShareHoldsTheSameRowsAndMore() {
        List<String> ids = IntStream.range(0, 20_000).mapToObj(i -> "row" + i).toList();
        Set<String> tenth = new HashSet<>(ids.stream().filter(new Holdout(0.1)::holds).toList());
        // 6 standard deviations of the binomial distribution: 6 sqrt(20000 x 0.1 x 0.9)
        assertEquals(2000, tenth.size(), 255);
        assertTrue(ids.stream().filter(new Holdout(0.2)::holds).toList().containsAll(tenth));
        assertEquals(0, ids.stream().filter(Holdout.NONE::holds).count());
        assertThrows(IllegalArgumentException.class, () -> new Holdout(1));
        assertThrows(IllegalArgumentException.class, () -> new Holdout(Double.NaN));
    }

    @Test
    void theSameIdsAreHeldOutWhateverTheSeedTheFormatAndTheOtherRows() throws IOException {
        Path json = DataFixture.jsonl(folder, "json", 60);
        DataFixture.write(folder.resolve("p.parquet"), DataFixture.PUBLISHED.formatted(60), "ROW_GROUP_SIZE 8");
        List<String> held;
        List<String> train;
        try (FileSource.Split split = split(json, 1, 0.2)) {
            held = DataFixture.all(split.held());
            train = DataFixture.all(split.train());
            assertEquals(60, held.size() + train.size());
            assertTrue(held.size() > 3 && train.stream().noneMatch(held::contains));
            assertEquals(new HashSet<>(train), new HashSet<>(DataFixture.next(split.train(), train.size())));
        }
        try (FileSource.Split split = split(folder.resolve("p.parquet"), 2, 0.2)) {
            assertEquals(held, DataFixture.all(split.held()));
            assertEquals(train, DataFixture.all(split.train()));
        }
        Files.writeString(json, String.join("\n", Files.readAllLines(json).subList(0, 30)));
        try (FileSource.Split split = split(json, 1, 0.2)) {
            List<String> ofFewer = new ArrayList<>(held);
            ofFewer.retainAll(IntStream.range(0, 30).mapToObj(i -> "row" + i).toList());
            assertEquals(ofFewer, DataFixture.all(split.held()));
        }
    }

    @Test
    void aSideWithoutRowsIsAnError() throws IOException {
        Path json = DataFixture.jsonl(folder, "json", 3);
        String message = assertThrows(InputException.class, () -> split(json, 1, 1e-9)).getMessage();
        assertTrue(message.contains("data.holdout = 1.0E-9 leaves 3 rows") && message.contains("holds out 0"), message);
    }
}
