package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.data.synth.FactScore;
import org.caprl.trainer.recipe.Evaluation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvalCaptionsTest {
    @TempDir
    Path run;

    @Test
    void whatIsWrittenIsRead() {
        List<Evaluation.Row> rows = List.of(new Evaluation.Row("a", "A \"red\"\ncircle.", 0.25, FactScore.ZERO),
                new Evaluation.Row("b", "", 1, FactScore.ZERO));
        EvalCaptions.write(run, 7, new Evaluation.Report(rows, 0.5, FactScore.ZERO, 1));
        assertEquals(rows, EvalCaptions.read(run, 7));
    }

    @Test
    void aFileThatIsNotThereIsNamedWithTheCause() {
        String message = assertThrows(InputException.class, () -> EvalCaptions.read(run, 7)).getMessage();
        assertTrue(message.contains(EvalCaptions.file(run, 7).toString()) && message.contains("NoSuchFileException"), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"id": "a", "capt                            | not JSON
            {"caption": "x", "right": 1}                 | no 'id'
            {"id": "a", "right": 1}                      | no 'caption'
            {"id": "a", "caption": "x", "right": "much"} | no number 'right'
            """)
    void aDamagedLineIsNamed(String line, String expected) throws IOException {
        EvalCaptions.write(run, 7, new Evaluation.Report(List.of(new Evaluation.Row("a", "x", 1, FactScore.ZERO)), 1, FactScore.ZERO, 1));
        Files.writeString(EvalCaptions.file(run, 7), Files.readString(EvalCaptions.file(run, 7)) + line);
        String message = assertThrows(InputException.class, () -> EvalCaptions.read(run, 7)).getMessage();
        assertTrue(message.contains(EvalCaptions.file(run, 7) + ":2: ") && message.contains(expected), message);
    }
}
