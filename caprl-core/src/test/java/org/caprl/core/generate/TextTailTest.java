package org.caprl.core.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTailTest {
    /** One id a byte. */
    private static final TokenText BYTES = (ids, from, to) -> {
        byte[] bytes = new byte[to - from];
        for (int i = from; i < to; i++) {
            bytes[i - from] = (byte) ids[i];
        }
        return new String(bytes, StandardCharsets.UTF_8);
    };

    private static int stopsAfter(String text, StopRule rule, String... stop) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        TextTail tail = new TextTail(BYTES, SamplingParams.greedy(1, List.of()).withStop(stop).withStopRule(rule));
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i];
            if (tail.stops(ids, i + 1)) {
                return i + 1;
            }
        }
        return -1;
    }

    @Test
    void findsStopStringsAcrossTokensAndCharactersOfSeveralBytes() {
        assertEquals(5, stopsAfter("ab\n\nc", StopRule.NONE, "\n\nc"));
        assertEquals("grün ✓".getBytes(StandardCharsets.UTF_8).length, stopsAfter("grün ✓ und", StopRule.NONE, "ün ✓"));
        assertEquals(-1, stopsAfter("grün", StopRule.NONE, "grun"));
    }

    @Test
    void ruleSeesTheWholeText() {
        StopRule letter = text -> text.chars().anyMatch(c -> c >= 'A' && c <= 'I');
        assertEquals(7, stopsAfter(" is a B because", letter));
    }
}
