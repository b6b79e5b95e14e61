package org.caprl.trainer.launch;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.data.file.FileSource;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.load.Processor;
import org.caprl.reward.qa.Unmatched;
import org.caprl.trainer.config.DataSize;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.recipe.ImageRows;
import org.caprl.trainer.recipe.PromptLengths;

/**
 * What a run reads that is no weight: the data, and the processor of the policy, which makes prompts of them.
 *
 * @param config of the run
 * @param processor of the policy
 * @param data training samples and held-out ones
 * @param rows of the training samples
 * @param held rows of the evaluation
 * @param size for the plan of the batches
 * @param room limits of a caption engine that writes all captions of a step or an evaluation
 * @param skipped lines on rows that were left out
 */
public record RunInputs(RunConfig config, Processor processor, FileSource.Split data, ImageRows rows, ImageRows held, DataSize size,
        GeneratorLimits room, List<String> skipped) implements AutoCloseable {

    /**
     * Opens processor and data, and reads the lengths of all prompts.
     *
     * @throws InputException if the policy is not one that can be trained on images, or data can't be used
     */
    public static RunInputs open(RunConfig config) {
        LoadedModel.requirePlain(config.policy().path(), "policy.path");
        Processor processor = Processor.load(config.policy().path());
        try {
            Generators.requireVision(processor, "policy.path", config.policy().path());
            FileSource.Split data = DataFiles.open(config);
            try {
                return of(config, processor, data);
            } catch (RuntimeException e) {
                data.close();
                throw e;
            }
        } catch (RuntimeException e) {
            processor.close();
            throw e;
        }
    }

    private static RunInputs of(RunConfig config, Processor processor, FileSource.Split data) {
        ImageRows rows = new ImageRows(data.train(), config.data().badRows());
        ImageRows held = new ImageRows(data.held(), config.data().badRows());
        PromptLengths lengths = rows.lengths(processor, 0);
        PromptLengths heldLengths = held.lengths(processor, config.eval().images());
        List<String> skipped = new ArrayList<>();
        skipped(config, data.train(), rows, skipped);
        skipped(config, data.held(), held, skipped);
        return new RunInputs(config, processor, data, rows, held,
                new DataSize(lengths.rows(), data.held().size().orElseThrow() - held.skipped(), lengths.mean()),
                Generators.rollout(config, lengths, heldLengths), skipped);
    }

    private static void skipped(RunConfig config, FileSource source, ImageRows images, List<String> lines) {
        if (source.skipped() > 0) {
            lines.add("left out " + source.skipped() + " rows, the first: " + source.firstSkipped());
        }
        lines.addAll(images.takeSkipped());
        if (source.unmatchedQuestions() > 0) {
            lines.add(source.unmatchedQuestions() + " questions have a right answer that is not among their options; reward.unmatched: "
                    + (config.reward().unmatched() == Unmatched.KEEP ? "keep asks them unshuffled" : "drop leaves them out"));
        }
    }

    /** Training samples; their cursor is the run's. */
    public FileSource samples() {
        return data.train();
    }

    @Override
    public void close() {
        data.close();
        processor.close();
    }
}
