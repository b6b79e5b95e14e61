package org.caprl.core.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.caprl.core.autograd.Pass;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GenerationResult;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every family keeps: a token's log-prob is the same bits wherever and beside whatever it is computed. */
class FamiliesTest {
    private static final int NEW_TOKENS = 9;

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "qwen3", "llama", "qwen2_5_vl", "qwen3_vl", "internvl"})
    void decodingBatchesAndPackedPassesGiveTheSameBits(String family) throws IOException {
        Path folder = temp.resolve("tiny");
        try (TensorOps ops = Backends.open("reference", 1).ops()) {
            new TinyCheckpoint(family, 64, 80, 3, 2, 1, 64, 96, 3, 20, 256, 7).write(folder, List.of("a red circle"), ops);
        }
        for (WeightType type : WeightType.values()) {
            try (TensorOps two = Backends.open("cpu", 2).ops(); CausalLm model = Models.load(folder, two, type);
                    TensorOps one = Backends.open("cpu", 1).ops(); CausalLm again = Models.load(folder, one, type)) {
                List<Prompt> prompts = List.of(prompt(model, "a", 3, new int[][] {{4, 6}}),
                        prompt(model, "b", 5, new int[][] {{6, 2}, {4, 4}}), prompt(model, "c", 40, new int[0][]));
                List<GenerationResult> together = generate(model, two, prompts);
                for (int i = 0; i < prompts.size(); i++) {
                    List<Caption> captions = together.get(i).captions();
                    List<Caption> alone = generate(again, one, prompts.subList(i, i + 1)).getFirst().captions();
                    float[] packed = scored(model, two, prompts.get(i), captions);
                    for (int c = 0; c < captions.size(); c++) {
                        String what = family + " in " + type + ", prompt " + prompts.get(i).id() + ", caption " + c;
                        assertArrayEquals(captions.get(c).ids(), alone.get(c).ids(), what);
                        float[] decoded = captions.get(c).temperedLogProbs();
                        assertEquals(NEW_TOKENS, decoded.length);
                        assertArrayEquals(decoded, alone.get(c).temperedLogProbs(), what);
                        assertArrayEquals(decoded, Arrays.copyOfRange(packed, c * NEW_TOKENS, (c + 1) * NEW_TOKENS), what);
                        assertArrayEquals(decoded, scored(again, one, prompts.get(i), captions.subList(c, c + 1)), what);
                    }
                }
            }
        }
    }

    /** Deepstack features are added to the rows of their own image, whichever rows these are. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen2_5_vl", "qwen3_vl", "internvl"})
    void anImageIsSeenBehindItsPrompt(String family) throws IOException {
        Path folder = temp.resolve("tiny");
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            new TinyCheckpoint(family, 64, 80, 3, 2, 1, 64, 96, 3, 20, 256, 7).write(folder, List.of("a red circle"), ops);
            try (CausalLm model = Models.load(folder, ops)) {
                Prompt one = prompt(model, "one", 3, new int[][] {{4, 4}});
                Prompt other = new Prompt("other", one.ids(), List.of(RandomImage.of(model, 4, 4, new Random(8))));
                List<PackedGroup.Completion> ids = List.of(PackedGroup.Completion.of(4, 5));
                float[] found = logProbs(model, ops, List.of(new PackedGroup(one, ids), new PackedGroup(other, ids)));
                assertArrayEquals(Arrays.copyOf(found, 2), logProbs(model, ops, List.of(new PackedGroup(one, ids))));
                assertArrayEquals(Arrays.copyOfRange(found, 2, 4), logProbs(model, ops, List.of(new PackedGroup(other, ids))));
                assertTrue(Math.abs(found[0] - found[2]) > 1e-4, "another image, another log-prob: " + Arrays.toString(found));
            }
        }
    }

    private static List<GenerationResult> generate(CausalLm model, TensorOps ops, List<Prompt> prompts) {
        int longest = prompts.stream().mapToInt(p -> p.ids().length).max().orElseThrow();
        try (BatchGenerator generator = new BatchGenerator(model, ops, TokenText.NONE,
                GeneratorLimits.roomFor(8, 3, longest, NEW_TOKENS, 512, "test"))) {
            SamplingParams params = SamplingParams.sampling(1, NEW_TOKENS, List.of());
            return generator.generate(prompts.stream()
                    .map(p -> GenerationRequest.captions(p, params, p.id().hashCode(), 1 + p.id().hashCode(), 77)).toList());
        }
    }

    private static float[] scored(CausalLm model, TensorOps ops, Prompt prompt, List<Caption> captions) {
        return logProbs(model, ops, List.of(new PackedGroup(prompt,
                captions.stream().map(c -> PackedGroup.Completion.of(c.ids())).toList())));
    }

    private static float[] logProbs(CausalLm model, TensorOps ops, List<PackedGroup> groups) {
        try (TensorScope scope = new TensorScope(ops.memory())) {
            return new PackedBatch(model, groups).logProbs(Pass.inference(ops, scope), 1f).logProb().value().toFloats();
        }
    }

    /** Some text, the images (random pixels; none where the model is blind), and text again. */
    private static Prompt prompt(CausalLm model, String id, int words, int[][] grids) {
        Random random = new Random(id.hashCode());
        IntStream ids = IntStream.range(0, words);
        List<ImageInput> images = List.of();
        if (model.imageToken() >= 0) {
            images = Arrays.stream(grids).map(g -> RandomImage.of(model, g[0], g[1], random)).toList();
            for (ImageInput image : images) {
                ids = IntStream.concat(ids, IntStream.concat(IntStream.of(11),
                        IntStream.range(0, RandomImage.tokens(image)).map(i -> model.imageToken())));
            }
        }
        return new Prompt(id, IntStream.concat(ids, IntStream.of(1, 2, 3)).toArray(), images);
    }
}
