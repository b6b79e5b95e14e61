package org.caprl.core.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.InputException;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BatchGeneratorTest {
    private static final int[] NO_SUFFIX = {};

    static List<String> backends() {
        return TinyModel.backends();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void cachedDecodeEqualsFullForward(String backend) {
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(16, 5)) {
            SamplingParams params = SamplingParams.sampling(0.7, 23, List.of());
            List<GenerationRequest> requests = List.of(
                    GenerationRequest.captions(TinyModel.prompt(1, 17), params, TinyModel.keys(1, 4)),
                    new GenerationRequest(TinyModel.prompt(2, 9), List.of(new int[] {3, 4, 5, 6, 7, 8}, NO_SUFFIX, new int[] {9}), params,
                            TinyModel.keys(2, 3)));
            double gap = 0;
            for (GenerationResult result : generator.generate(requests)) {
                for (int b = 0; b < result.captions().size(); b++) {
                    int[] before = concat(result.request().prompt().ids(), result.request().suffixes().get(b));
                    Caption caption = result.captions().get(b);
                    gap = Math.max(gap, largestGap(caption.temperedLogProbs(), scored(tiny, before, caption.ids(), 0.7f)));
                    gap = Math.max(gap, largestGap(caption.rawLogProbs(), scored(tiny, before, caption.ids(), 1f)));
                    assertArrayEquals(caption.temperedLogProbs(), caption.sampledLogProbs(), 1e-5f, "no filter, no penalty");
                }
            }
            System.out.println("largest difference between generated and scored log-probs on " + backend + ": " + gap);
            assertTrue(gap < 1e-4, "gap " + gap);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void captionDoesNotDependOnCompanyBatchSizeOrPages(String backend) {
        SamplingParams params = SamplingParams.sampling(1.0, 30, List.of(5)).withFilters(20, 0.95, 0.01).withRepetitionPenalty(1.3);
        List<GenerationRequest> all = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            all.add(GenerationRequest.captions(TinyModel.prompt(i, 5 + 7 * i), params, TinyModel.keys(i, 1 + i % 4)));
        }
        try (TinyModel tiny = new TinyModel(backend)) {
            List<List<Caption>> expected = captions(tiny, 64, 16, all);
            assertTrue(expected.stream().flatMap(List::stream).mapToInt(Caption::length).distinct().count() > 3, "lengths differ");
            assertSame(expected, captions(tiny, 1, 16, all));
            assertSame(expected, captions(tiny, 64, 5, all));
            assertSame(expected, captions(tiny, 5, 1, all));
            assertSame(expected.subList(3, 4), captions(tiny, 64, 16, all.subList(3, 4)));
            List<GenerationRequest> backwards = new ArrayList<>(all).reversed();
            assertSame(expected.reversed(), captions(tiny, 7, 16, backwards));
        }
    }

    /** In the order in which they end, not in the order of the requests: the first has the longest captions. */
    @ParameterizedTest
    @MethodSource("backends")
    void everyRequestIsToldOnceWhenItsLastBranchEnds(String backend) {
        List<GenerationRequest> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            SamplingParams params = SamplingParams.sampling(1.0, 9 - 2 * i, List.of());
            all.add(GenerationRequest.captions(TinyModel.prompt(i, 9), params, TinyModel.keys(i, 3)));
        }
        List<Integer> order = new ArrayList<>();
        List<List<Caption>> told = new ArrayList<>(Collections.nCopies(all.size(), null));
        int[] finishedBefore = {0};
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(64, 16)) {
            List<GenerationResult> results = generator.generate(all, 0, new GenerationListener() {
                @Override
                public void progressed(int finished, int total, long sampledTokens) {
                    finishedBefore[0] = finished;
                }

                @Override
                public void completed(int request, List<Caption> captions) {
                    assertTrue(finishedBefore[0] <= 3 * order.size(), "told late");
                    order.add(request);
                    told.set(request, captions);
                }
            });
            assertEquals(List.of(4, 3, 2, 1, 0), order);
            assertEquals(results.stream().map(GenerationResult::captions).toList(), told);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aListenerThatThrowsEndsTheGenerationInOrder(String backend) {
        List<GenerationRequest> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(GenerationRequest.captions(TinyModel.prompt(i, 9), SamplingParams.sampling(1.0, 4 + i, List.of()),
                    TinyModel.keys(i, 2)));
        }
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(3, 5)) {
            int pages = generator.availablePages();
            List<GenerationResult> expected = generator.generate(all);
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> generator.generate(all, 0,
                    new GenerationListener() {
                        @Override
                        public void progressed(int finished, int total, long sampledTokens) {
                            // Only completed() ends it.
                        }

                        @Override
                        public void completed(int request, List<Caption> captions) {
                            throw new IllegalStateException("enough after " + request);
                        }
                    }));
            assertEquals("enough after 0", thrown.getMessage());
            assertEquals(pages, generator.availablePages());
            assertSame(expected.stream().map(GenerationResult::captions).toList(),
                    generator.generate(all).stream().map(GenerationResult::captions).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void otherKeysGiveOtherCaptionsAndGreedyNeedsNone(String backend) {
        Prompt prompt = TinyModel.prompt(4, 11);
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(8, 16)) {
            List<Caption> drawn = generator.generate(List.of(
                    GenerationRequest.captions(prompt, SamplingParams.sampling(1, 20, List.of()), 1, 2))).getFirst().captions();
            assertNotEquals(Arrays.toString(drawn.get(0).ids()), Arrays.toString(drawn.get(1).ids()));
            List<Caption> greedy = generator.generate(List.of(
                    GenerationRequest.captions(prompt, SamplingParams.greedy(20, List.of()), 1, 2))).getFirst().captions();
            assertArrayEquals(greedy.get(0).ids(), greedy.get(1).ids());
            assertArrayEquals(greedyByFullForward(tiny, prompt.ids(), 20), greedy.get(0).ids());
            assertArrayEquals(greedy.get(0).rawLogProbs(), greedy.get(0).temperedLogProbs());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void workIsShared(String backend) {
        SamplingParams params = SamplingParams.sampling(1, 12, List.of());
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(32, 16)) {
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                requests.add(GenerationRequest.captions(TinyModel.prompt(i, 20 + i), params, TinyModel.keys(i, 8)));
            }
            generator.generate(requests);
            GenerationCounts counts = generator.counts();
            assertEquals(20 + 21 + 22 + 23, counts.prefilledTokens(), "each prompt once");
            assertEquals(0, counts.suffixTokens());
            assertEquals(0, counts.imageEncodes());
            assertEquals(11, counts.decodeSteps(), "one less than the longest caption: first tokens come from the prefill");
            assertEquals(4 * 8 * 12, counts.sampledTokens());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void captionsEndByEosStopStringRuleOrLength(String backend) {
        Prompt prompt = TinyModel.prompt(6, 13);
        long key = 77;
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(4, 16)) {
            SamplingParams free = SamplingParams.sampling(1, 40, List.of());
            int[] ids = only(generator, prompt, free, key).ids();
            assertEquals(40, ids.length);
            assertEquals(FinishReason.LENGTH, only(generator, prompt, free, key).finish());
            assertFalse(only(generator, prompt, free, key).finished());

            int end = ids[9];
            int first = IntStream.range(0, 40).filter(i -> ids[i] == end).findFirst().orElseThrow();
            Caption byEos = only(generator, prompt, SamplingParams.sampling(1, 40, List.of(VOCAB_UNUSED, end)), key);
            assertEquals(FinishReason.EOS, byEos.finish());
            assertArrayEquals(Arrays.copyOf(ids, first + 1), byEos.ids(), "the end token is kept");
            assertEquals(first + 1, byEos.rawLogProbs().length);

            String text = TinyModel.letters(ids, 0, 40);
            String stop = text.substring(17, 20);
            Caption byStop = only(generator, prompt, free.withStop("no such text", stop), key);
            assertEquals(FinishReason.STOP, byStop.finish());
            assertEquals(text.indexOf(stop) + 3, byStop.length());

            Caption byRule = only(generator, prompt, free.withStopRule(soFar -> soFar.length() == 6), key);
            assertEquals(FinishReason.STOP, byRule.finish());
            assertEquals(6, byRule.length());
        }
    }

    private static final int VOCAB_UNUSED = 1000;

    @ParameterizedTest
    @MethodSource("backends")
    void repetitionPenaltyCountsThePrompt(String backend) {
        Prompt prompt = TinyModel.prompt(8, 15);
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(4, 16)) {
            SamplingParams severe = SamplingParams.greedy(20, List.of()).withRepetitionPenalty(1e6);
            int[] ids = only(generator, prompt, severe, 0).ids();
            List<Integer> all = new ArrayList<>(Arrays.stream(concat(prompt.ids(), ids)).boxed().toList());
            int distinctInPrompt = (int) Arrays.stream(prompt.ids()).distinct().count();
            assertEquals(distinctInPrompt + 20, all.stream().distinct().count(), "no token of prompt or caption comes again");
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void requestsWaitForPagesAndEveryPageComesBack(String backend) {
        SamplingParams params = SamplingParams.sampling(1, 10, List.of());
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            requests.add(GenerationRequest.captions(TinyModel.prompt(i, 9 + i), params, TinyModel.keys(i, 3)));
        }
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator wide = tiny.generator(16, 4);
                BatchGenerator narrow = new BatchGenerator(tiny.model, tiny.ops, TokenText.NONE,
                        new GeneratorLimits(16, 32, 4, 64, "rollout.kv_rows"))) {
            assertSame(wide.generate(requests).stream().map(GenerationResult::captions).toList(),
                    narrow.generate(requests).stream().map(GenerationResult::captions).toList());
            assertTrue(narrow.counts().decodeSteps() > wide.counts().decodeSteps());
            assertEquals(8, narrow.availablePages());

            SamplingParams tooLong = SamplingParams.sampling(1, 40, List.of());
            InputException error = assertThrows(InputException.class,
                    () -> narrow.generate(List.of(GenerationRequest.captions(TinyModel.prompt(1, 7), tooLong, 1))));
            assertTrue(error.getMessage().contains("needs 48 rows") && error.getMessage().contains("rollout.kv_rows gives 32"),
                    error.getMessage());
            assertThrows(InputException.class,
                    () -> wide.generate(List.of(GenerationRequest.captions(TinyModel.prompt(1, 8190), params, 1))));
            StopRule failing = text -> {
                throw new IllegalStateException("a stop rule that fails");
            };
            assertThrows(IllegalStateException.class, () -> wide.generate(
                    List.of(GenerationRequest.captions(TinyModel.prompt(1, 9), params.withStopRule(failing), 1, 2, 3))));
            assertEquals(1024, wide.availablePages(), "a failed generation gives its pages back");
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void captionsFollowAChangeOfWeights(String backend) {
        Prompt prompt = TinyModel.prompt(3, 12);
        SamplingParams params = SamplingParams.sampling(1, 15, List.of());
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(4, 16)) {
            only(generator, prompt, params, 5);
            Tensor norm = tiny.model.params().get("model.layers.1.mlp.down_proj.weight").value();
            tiny.ops.scale(norm, -1.5f, norm);
            norm.markWritten();
            Caption after = only(generator, prompt, params, 5);
            assertTrue(largestGap(after.temperedLogProbs(), scored(tiny, prompt.ids(), after.ids(), 1f)) < 1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void nextTokenLogProbsEqualFullForward(String backend) {
        Prompt prompt = TinyModel.prompt(3, 70);
        int[] candidates = {4, 9, 60};
        List<int[]> suffixes = List.of(new int[] {1}, TinyModel.prompt(5, 40).ids(), TinyModel.prompt(6, 30).ids(), new int[] {8, 9});
        try (TinyModel tiny = new TinyModel(backend); BatchGenerator generator = tiny.generator(4, 16)) {
            float[][] scores = generator.nextTokenLogProbs(prompt, suffixes, candidates);
            for (int b = 0; b < suffixes.size(); b++) {
                for (int c = 0; c < candidates.length; c++) {
                    float[] full = scored(tiny, concat(prompt.ids(), suffixes.get(b)), new int[] {candidates[c]}, 1f);
                    assertEquals(full[0], scores[b][c], 1e-4);
                }
            }
            assertEquals(70, generator.counts().prefilledTokens());
            assertEquals(73, generator.counts().suffixTokens());
            assertEquals(256, generator.availablePages());
        }
    }

    private static Caption only(BatchGenerator generator, Prompt prompt, SamplingParams params, long key) {
        return generator.generate(List.of(GenerationRequest.captions(prompt, params, key))).getFirst().captions().getFirst();
    }

    private static List<List<Caption>> captions(TinyModel tiny, int rows, int pageRows, List<GenerationRequest> requests) {
        try (BatchGenerator generator = tiny.generator(rows, pageRows)) {
            return generator.generate(requests).stream().map(GenerationResult::captions).toList();
        }
    }

    private static void assertSame(List<List<Caption>> expected, List<List<Caption>> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            for (int j = 0; j < expected.get(i).size(); j++) {
                assertArrayEquals(expected.get(i).get(j).ids(), actual.get(i).get(j).ids(), "request " + i + ", caption " + j);
                assertArrayEquals(expected.get(i).get(j).sampledLogProbs(), actual.get(i).get(j).sampledLogProbs(), 1e-4f);
            }
        }
    }

    /** Log-probs of {@code ids} after {@code before}, by one pass over the whole sequence without a cache. */
    private static float[] scored(TinyModel tiny, int[] before, int[] ids, float temperature) {
        int[] sequence = concat(before, ids);
        try (TensorScope scope = new TensorScope(tiny.ops.memory())) {
            Pass pass = Pass.inference(tiny.ops, scope);
            Var hidden = hidden(tiny, pass, sequence);
            int[] rows = IntStream.range(before.length - 1, sequence.length - 1).toArray();
            Var predicting = Fn.gatherRows(pass, hidden, scope.ints(rows));
            Tensor logProbs = Fn.selectedLogProbs(pass, predicting, tiny.model.head(), scope.ints(ids), temperature).logProb().value();
            return logProbs.toFloats();
        }
    }

    private static Var hidden(TinyModel tiny, Pass pass, int[] ids) {
        CausalLm.Embeddings x = tiny.model.embed(pass, pass.scope().ints(ids), List.of(), null);
        int[] positions = tiny.model.positions(ids, List.of()).values();
        return tiny.model.decode(pass, x, pass.scope().ints(positions).reshape(1, ids.length), AttentionPlan.causal(ids.length), null);
    }

    private static int[] greedyByFullForward(TinyModel tiny, int[] prompt, int count) {
        int[] ids = prompt;
        for (int i = 0; i < count; i++) {
            try (TensorScope scope = new TensorScope(tiny.ops.memory())) {
                Pass pass = Pass.inference(tiny.ops, scope);
                Var last = Fn.gatherRows(pass, hidden(tiny, pass, ids), scope.ints(ids.length - 1));
                float[] logits = Fn.linear(pass, last, tiny.model.head(), null).value().toFloats();
                int best = IntStream.range(0, logits.length).reduce(0, (a, b) -> logits[b] > logits[a] ? b : a);
                ids = concat(ids, new int[] {best});
            }
        }
        return Arrays.copyOfRange(ids, prompt.length, ids.length);
    }

    private static double largestGap(float[] a, float[] b) {
        assertEquals(a.length, b.length);
        return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElse(0);
    }

    private static int[] concat(int[] a, int[] b) {
        int[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }
}
