package org.caprl.core.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.Golden;
import org.caprl.core.autograd.Fn;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.image.RgbImage;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.caprl.core.text.ChatMessage;
import org.caprl.core.text.ContentPart;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePromptTest {
    private static final int CAPTIONS = 4;

    @ParameterizedTest
    @ValueSource(strings = {"qwen2_5_vl/checkpoint", "internvl/checkpoint_chat_layout"})
    void imagesAreEncodedOnceAndDecodingEqualsTheFullForward(String checkpoint) {
        Path folder = Golden.require(checkpoint);
        try (TensorOps ops = Backends.open("auto", 2).ops(); CausalLm model = Models.load(folder, ops);
                Processor processor = Processor.load(folder);
                BatchGenerator generator = new BatchGenerator(model, ops, TokenText.NONE,
                        new GeneratorLimits(16, 8192, 4096, "rollout.kv_rows"))) {
            List<Prompt> prompts = List.of(prompt(processor, "one", 56, 84), prompt(processor, "two", 112, 56, 56, 56));
            SamplingParams params = SamplingParams.sampling(1, 12, List.of());
            List<GenerationRequest> requests = new ArrayList<>();
            for (Prompt prompt : prompts) {
                requests.add(GenerationRequest.captions(prompt, params, TinyModel.keys(prompt.id().length(), CAPTIONS)));
            }
            List<GenerationResult> together = generator.generate(requests);
            assertEquals(3, generator.counts().imageEncodes(), "one of the first prompt, two of the second");
            assertEquals(prompts.stream().mapToInt(p -> p.ids().length).sum(), generator.counts().prefilledTokens());
            assertEquals(11, generator.counts().decodeSteps());
            double gap = 0;
            for (int i = 0; i < prompts.size(); i++) {
                List<Caption> alone = generator.generate(requests.subList(i, i + 1)).getFirst().captions();
                for (int c = 0; c < CAPTIONS; c++) {
                    Caption caption = together.get(i).captions().get(c);
                    assertArrayEquals(caption.ids(), alone.get(c).ids());
                    float[] full = scored(ops, model, prompts.get(i), caption.ids());
                    for (int t = 0; t < full.length; t++) {
                        gap = Math.max(gap, Math.abs(full[t] - caption.temperedLogProbs()[t]));
                    }
                }
            }
            System.out.println("largest difference between generated and scored log-probs with images on " + ops.name() + ": " + gap);
            assertTrue(gap < 1e-4, "gap " + gap);
        }
    }

    /** A prompt with gray-scale ramps of the given widths and heights. */
    private static Prompt prompt(Processor processor, String id, int... sizes) {
        List<ContentPart> parts = new ArrayList<>();
        List<RgbImage> images = new ArrayList<>();
        for (int i = 0; i < sizes.length; i += 2) {
            parts.add(new ContentPart.Image());
            images.add(ramp(sizes[i], sizes[i + 1]));
        }
        parts.add(new ContentPart.Text("Please describe " + id + "."));
        return processor.prompt(id, List.of(new ChatMessage("user", parts)), images);
    }

    private static RgbImage ramp(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * 7 / 3);
        }
        return new RgbImage(width, height, rgb);
    }

    private static float[] scored(TensorOps ops, CausalLm model, Prompt prompt, int[] caption) {
        int before = prompt.ids().length;
        int[] ids = Arrays.copyOf(prompt.ids(), before + caption.length);
        System.arraycopy(caption, 0, ids, before, caption.length);
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Pass pass = Pass.inference(ops, scope);
            int[] places = IntStream.range(0, before).filter(i -> ids[i] == model.imageToken()).toArray();
            CausalLm.Embeddings x = model.embed(pass, scope.ints(ids), prompt.images(), scope.ints(places));
            Tensor positions = scope.ints(positions(model, prompt, caption.length)).reshape(model.positionAxes(), ids.length);
            Var hidden = model.decode(pass, x, positions, AttentionPlan.causal(ids.length), null);
            Var predicting = Fn.gatherRows(pass, hidden, scope.ints(IntStream.range(before - 1, ids.length - 1).toArray()));
            return Fn.selectedLogProbs(pass, predicting, model.head(), scope.ints(caption), 1f).logProb().value().toFloats();
        }
    }

    /** Positions of the prompt, then of text, also where random weights wrote the image's own token. */
    private static int[] positions(CausalLm model, Prompt prompt, int more) {
        CausalLm.Positions known = model.positions(prompt.ids(), prompt.images());
        int before = known.length();
        int[] all = new int[known.axes() * (before + more)];
        for (int axis = 0; axis < known.axes(); axis++) {
            int at = axis * (before + more);
            System.arraycopy(known.values(), axis * before, all, at, before);
            for (int i = 0; i < more; i++) {
                all[at + before + i] = known.next() + i;
            }
        }
        return all;
    }
}
