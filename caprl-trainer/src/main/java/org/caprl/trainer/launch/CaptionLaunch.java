package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.PromptTurn;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.rollout.CaptionRequest;
import org.caprl.rollout.local.LocalCaptionEngine;
import org.caprl.trainer.recipe.CaptionRows;
import org.caprl.trainer.recipe.ImageRows;

/**
 * Captions of image files.
 *
 * @param model its folder
 * @param dtype of its weights in memory
 * @param images files; all are read before the first caption is written
 * @param prompt the user's text; an {@code <image>} in it marks the image's place, else the image comes first
 * @param perImage captions of an image
 * @param sampling how tokens are drawn; the end tokens are the checkpoint's
 * @param seed of the draws
 * @param backend name, or {@code auto}
 * @param threads of the backend; 0 for all
 */
public record CaptionLaunch(Path model, WeightType dtype, List<Path> images, String prompt, int perImage, SamplingParams sampling,
        long seed, String backend, int threads) {
    private static final int MOST_ROWS = 64;

    /**
     * One caption.
     *
     * @param text without special tokens
     * @param tokens the end token included
     * @param finish {@code eos}, {@code stop} or {@code length}
     * @param logprob sum of the tokens' raw log-probabilities, nats
     */
    public record Written(String text, int tokens, String finish, double logprob) {
    }

    /** The captions of an image. */
    public record OfImage(String image, List<Written> captions) {
    }

    /**
     * Writes them.
     *
     * @throws InputException naming all images that can't be read
     */
    public List<OfImage> run(Consumer<String> log) {
        Backends.Choice choice = Backends.open(backend, threads);
        log.accept(choice.reason());
        try (TensorOps ops = choice.ops(); LoadedModel loaded = LoadedModel.load(model, ops, dtype)) {
            Generators.requireVision(loaded.processor(), "--model", loaded.folder());
            List<Prompt> prompts = prompts(loaded.processor());
            int longest = prompts.stream().mapToInt(p -> p.ids().length).max().orElse(1);
            int rows = Math.min(MOST_ROWS, prompts.size() * perImage);
            SamplingParams params = new SamplingParams(sampling.temperature(), sampling.topK(), sampling.topP(), sampling.minP(),
                    sampling.repetitionPenalty(), sampling.maxNewTokens(), sampling.stop(), loaded.processor().eosTokenIds(),
                    sampling.stopRule());
            try (LocalCaptionEngine engine = new LocalCaptionEngine(loaded.model(), ops, loaded.processor()::text,
                    Generators.captions(rows, Math.min(rows, perImage), longest, params.maxNewTokens(), 0));
                    Progress progress = Progress.open("caption", (long) prompts.size() * perImage, "captions")) {
                List<RolloutGroup> groups = engine.caption(
                        prompts.stream().map(p -> CaptionRequest.of(p, perImage, seed, 0)).toList(), params,
                        (finished, _, tokens) -> progress.to(finished, tokens + " tokens"));
                return groups.stream().map(g -> ofImage(g, loaded.processor())).toList();
            }
        }
    }

    private List<Prompt> prompts(Processor processor) {
        String turn = prompt.contains(PromptTurn.IMAGE) ? prompt : PromptTurn.IMAGE + " " + prompt;
        List<Prompt> prompts = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Path image : images) {
            try {
                CaptionSample sample = new CaptionSample(image.toString(), List.of(new ImageOnDisk(image)), List.of(new PromptTurn("user",
                        turn)), "",
                        List.of(), Optional.empty(), List.of());
                prompts.add(CaptionRows.prompt(ImageRows.Row.decode(sample), processor));
            } catch (InputException e) {
                problems.add(e.getMessage());
            } catch (IllegalArgumentException e) {
                throw new InputException("--prompt: " + e.getMessage(), e);
            }
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems) + "\nno caption was written; leave out what can't be read");
        }
        return prompts;
    }

    private static OfImage ofImage(RolloutGroup group, Processor processor) {
        List<Written> captions = new ArrayList<>();
        for (Caption caption : group.captions()) {
            double sum = 0;
            for (float logProb : caption.rawLogProbs()) {
                sum += logProb;
            }
            captions.add(new Written(processor.tokenizer().decode(caption.ids(), true), caption.length(),
                    caption.finish().name().toLowerCase(Locale.ROOT), sum));
        }
        return new OfImage(group.prompt().id(), captions);
    }
}
