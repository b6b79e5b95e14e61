package org.caprl.core.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTokenizerTest {
    private static final Path FOLDER = Golden.require("qwen2_untied/checkpoint");
    private static final String TEXT = "Line 1:\n\ttabs, 12345 and naïve 图片 😀👩‍👧 <|im_end|>";

    @Test
    void decodingGivesTheTextBack() {
        try (BpeTokenizer tokenizer = BpeTokenizer.load(FOLDER)) {
            int[] ids = tokenizer.encode(TEXT);
            assertEquals(TEXT, tokenizer.decode(ids, false));
            assertEquals(TEXT.replace("<|im_end|>", ""), tokenizer.decode(ids, true));
            assertEquals(tokenizer.idOf("<|im_end|>"), ids[ids.length - 1]);
            assertArrayEquals(new int[0], tokenizer.encode(""));
            assertEquals("", tokenizer.decode(new int[0], false));
        }
    }

    @Test
    void tokensAndIdsAreOneToOne() {
        try (BpeTokenizer tokenizer = BpeTokenizer.load(FOLDER)) {
            for (int id = 0; id < tokenizer.vocabSize(); id++) {
                assertEquals(OptionalInt.of(id), tokenizer.find(tokenizer.tokenText(id)));
            }
            int beyond = tokenizer.vocabSize();
            assertEquals("<unused " + beyond + ">", tokenizer.tokenText(beyond));
            assertEquals("", tokenizer.decode(new int[] {beyond}, false));
            assertEquals(OptionalInt.empty(), tokenizer.find("no such token"));
        }
    }

    @Test
    void aMissingTokenIsNamedWithItsFile() {
        try (BpeTokenizer tokenizer = BpeTokenizer.load(FOLDER)) {
            String message = assertThrows(InputException.class, () -> tokenizer.idOf("<IMG>")).getMessage();
            assertTrue(message.startsWith(FOLDER.resolve("tokenizer.json") + ": no token '<IMG>'"), message);
        }
    }

    @Test
    void manyThreadsShareOne() {
        try (BpeTokenizer tokenizer = BpeTokenizer.load(FOLDER)) {
            int[] expected = tokenizer.encode(TEXT);
            IntStream.range(0, 200).parallel().forEach(i -> {
                assertArrayEquals(expected, tokenizer.encode(TEXT));
                assertEquals(TEXT, tokenizer.decode(expected, false));
            });
        }
    }

    @Test
    void aClosedTokenizerSaysSo() {
        BpeTokenizer tokenizer = BpeTokenizer.load(FOLDER);
        tokenizer.close();
        tokenizer.close();
        assertTrue(assertThrows(IllegalStateException.class, () -> tokenizer.encode("a")).getMessage().endsWith("is closed"));
    }

    @Test
    void badFilesAreNamed(@TempDir Path folder) throws IOException {
        assertTrue(fault(folder).startsWith(folder + ": tokenizer.json is missing"));
        Path file = folder.resolve("tokenizer.json");
        for (String content : new String[] {"{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\"", "{}", "[]",
            "{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", 0]]}}", "{\"added_tokens\": [{\"id\": 1}]}",
            "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}}}"}) {
            Files.writeString(file, content);
            String message = fault(folder);
            assertTrue(message.startsWith(file + ": "), message);
        }
    }

    private static String fault(Path folder) {
        return assertThrows(InputException.class, () -> BpeTokenizer.load(folder)).getMessage();
    }
}
