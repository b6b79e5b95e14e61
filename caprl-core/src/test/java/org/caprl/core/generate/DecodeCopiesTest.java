package org.caprl.core.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.function.IntFunction;
import org.caprl.core.tensor.Memory;
import org.junit.jupiter.api.Test;

/** What a decode step moves between host and device, whatever the model's depth and the number of branches. */
class DecodeCopiesTest {
    /** Ids, positions, cache rows, the plan (but for one of the plans used last), the sampling settings. */
    private static final int IN = 5;
    /** Sampled ids and their log-probs. */
    private static final int OUT = 2;

    @Test
    void idsGoInAndSampledIdsComeOut() {
        assumeTrue(TinyModel.backends().contains("nd4j"), "backend nd4j can't start here: NOT CHECKED");
        expect(IN, perStep(DecodeCopiesTest::plain, 1));
        expect(IN, perStep(DecodeCopiesTest::plain, 8));
        expect(IN, perStep(tokens -> plain(tokens).withFilters(20, 0.9, 0.05), 3));
        // And the seen tokens.
        expect(IN + 1, perStep(tokens -> plain(tokens).withRepetitionPenalty(1.2), 3));
    }

    private static void expect(int in, Copies found) {
        assertTrue(found.in <= in && found.in > in - 1, found::toString);
        assertEquals(OUT, found.out);
    }

    private static SamplingParams plain(int tokens) {
        return SamplingParams.sampling(0.9, tokens, List.of());
    }

    private record Copies(double in, double out) {
    }

    /** Copies of a generation of 20 tokens less those of one of 10, a step. */
    private static Copies perStep(IntFunction<SamplingParams> params, int captions) {
        try (TinyModel tiny = new TinyModel("nd4j"); BatchGenerator generator = tiny.generator(16, 64)) {
            long[] few = copies(tiny, generator, params.apply(10), captions);
            long[] many = copies(tiny, generator, params.apply(20), captions);
            return new Copies((many[0] - few[0]) / 10.0, (many[1] - few[1]) / 10.0);
        }
    }

    private static long[] copies(TinyModel tiny, BatchGenerator generator, SamplingParams params, int captions) {
        Memory memory = tiny.ops.memory();
        long in = memory.copiesIn();
        long out = memory.copiesOut();
        generator.generate(List.of(GenerationRequest.captions(TinyModel.prompt(1, 7), params,
                TinyModel.keys(1, captions))));
        return new long[] {memory.copiesIn() - in, memory.copiesOut() - out};
    }
}
