package org.caprl.trainer.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The arithmetic of a run, derived from three facts (prompts a step, captions a prompt, updates a step) and one limit (tokens of a
 * micro-batch). Nothing has to divide anything else. Token counts are bounds: every caption counted at its full length.
 *
 * <p>Worked example: 10 prompts of 40 tokens, 8 captions of at most 20 tokens, 3 updates, 500 tokens a micro-batch. A step has 80 captions; a
 * group has 40 + 8·20 = 200 tokens, so 2 groups fit into a micro-batch; the updates take 4, 3 and 3 groups in 2, 2 and 2 micro-batches.
 *
 * @param steps of the run
 * @param captionsPerStep captions of a step
 * @param groupTokens tokens of one group with its prompt counted once
 * @param groupsPerUpdate groups of each of a step's updates
 * @param microBatchesPerStep micro-batches of a step's updates together
 * @param captionsPerMicroBatch captions of one image that fit into a micro-batch, when a whole group does not; else all of the group
 * @param prefillTokensPerStep prompt tokens computed before the captions, once a group
 * @param newTokensPerStep caption tokens
 * @param trainTokensPerStep tokens of the training forward and backward passes
 * @param questionsPerStep questions that the answerer reads
 * @param epochs passes over the training rows in the whole run
 * @param evalImages rows of one evaluation
 * @param evaluations steps after which an evaluation is made; 0 is before training
 * @param checkpoints steps after which a checkpoint is saved
 */
public record BatchPlan(int steps, int captionsPerStep, long groupTokens, List<Integer> groupsPerUpdate, long microBatchesPerStep,
        int captionsPerMicroBatch, long prefillTokensPerStep, long newTokensPerStep, long trainTokensPerStep, long questionsPerStep,
        double epochs, long evalImages, List<Integer> evaluations, List<Integer> checkpoints) {

    /** The plan of a run. */
    public static BatchPlan of(RunConfig config, DataSize data) {
        TrainerSection trainer = config.trainer();
        int prompts = trainer.promptsPerStep();
        int captions = config.rollout().captionsPerPrompt();
        long newTokens = config.rollout().maxNewTokens();
        List<Integer> updates = split(prompts, trainer.updatesPerStep());
        Packing packing = Packing.of(data.promptTokens(), newTokens, captions, trainer.microBatchTokens());
        return new BatchPlan(trainer.steps(), prompts * captions, data.promptTokens() + captions * newTokens, updates,
                updates.stream().mapToLong(packing::microBatches).sum(), packing.captions(), (long) prompts * data.promptTokens(),
                prompts * captions * newTokens, prompts * ((long) packing.parts() * data.promptTokens() + captions * newTokens),
                (long) prompts * captions * config.reward().questionsPerCaption(), (double) trainer.steps() * prompts / data.trainRows(),
                config.eval().images() == 0 ? data.evalRows() : Math.min(config.eval().images(), data.evalRows()),
                withZero(every(trainer.evalEvery(), trainer.steps())), every(trainer.saveEvery(), trainer.steps()));
    }

    /** As even as possible, the larger parts first: 10 in 3 is 4, 3, 3. */
    static List<Integer> split(int whole, int parts) {
        return IntStream.range(0, parts).map(i -> whole / parts + (i < whole % parts ? 1 : 0)).boxed().toList();
    }

    /**
     * How groups fill micro-batches. A group larger than a micro-batch is cut into parts of several captions, and each part computes the
     * prompt anew; a single caption is never cut.
     *
     * @param groups whole groups of a micro-batch; 0 if not even one fits
     * @param captions captions of one image in a micro-batch
     * @param parts micro-batches that share a group; 1 if it fits into one
     */
    private record Packing(long groups, int captions, int parts) {
        static Packing of(long promptTokens, long newTokens, int captionsPerPrompt, long limit) {
            long whole = limit / (promptTokens + captionsPerPrompt * newTokens);
            if (whole > 0) {
                return new Packing(whole, captionsPerPrompt, 1);
            }
            int captions = Math.clamp((limit - promptTokens) / newTokens, 1, captionsPerPrompt);
            return new Packing(0, captions, Math.ceilDiv(captionsPerPrompt, captions));
        }

        long microBatches(int groupsOfUpdate) {
            return groups > 0 ? Math.ceilDiv(groupsOfUpdate, groups) : (long) groupsOfUpdate * parts;
        }
    }

    private static List<Integer> every(int interval, int last) {
        List<Integer> steps = new ArrayList<>();
        for (long step = interval; interval > 0 && step < last; step += interval) {
            steps.add((int) step);
        }
        steps.add(last);
        return List.copyOf(steps);
    }

    private static List<Integer> withZero(List<Integer> steps) {
        List<Integer> all = new ArrayList<>(List.of(0));
        all.addAll(steps);
        return List.copyOf(all);
    }

    /** The plan as aligned lines, for the terminal and the log. */
    public String text() {
        int prompts = groupsPerUpdate.stream().mapToInt(Integer::intValue).sum();
        StringBuilder text = new StringBuilder();
        line(text, "steps", "%,d, %.2f passes over the training rows", steps, epochs);
        line(text, "captions a step", "%,d (%d images, %d captions each)", captionsPerStep, prompts, captionsPerStep / prompts);
        line(text, "rollout a step", "%,d prompt tokens computed once a group, at most %,d new tokens",
                prefillTokensPerStep, newTokensPerStep);
        line(text, "questions a step", "%,d", questionsPerStep);
        line(text, "updates a step", "%d of %s groups", groupsPerUpdate.size(),
                groupsPerUpdate.stream().distinct().map(String::valueOf).collect(Collectors.joining(" or ")));
        line(text, "micro-batches a step", "at most %,d%s", microBatchesPerStep,
                captionsPerMicroBatch * (long) prompts == captionsPerStep ? ""
                : " (a group of up to %,d tokens is more than one holds: %d captions in each, with the prompt again)"
                        .formatted(groupTokens, captionsPerMicroBatch));
        line(text, "training a step", "at most %,d tokens forward and backward", trainTokensPerStep);
        line(text, "evaluations", "%,d images %s", evalImages, after(evaluations, "before training and after step"));
        line(text, "checkpoints", "%s", after(checkpoints, "after step"));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String format, Object... values) {
        text.append("  %-22s".formatted(name)).append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    /** Long lists are shown by their ends. */
    private static String after(List<Integer> steps, String words) {
        List<Integer> later = steps.stream().filter(s -> s > 0).toList();
        String shown = later.size() <= 6 ? join(later)
                : join(later.subList(0, 2)) + ", … " + later.getLast() + " (" + later.size() + " times)";
        return words + " " + shown;
    }

    private static String join(List<Integer> steps) {
        return steps.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
