package org.caprl.trainer.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.caprl.trainer.update.MicroBatches;

/**
 * The arithmetic of a run, derived from three facts (prompts a step, captions a prompt, updates a step) and one limit (tokens whose
 * activations are held). Nothing has to divide anything else. Token counts are bounds: every caption counted at its full length.
 *
 * <p>Worked example: 10 prompts of 40 tokens, 8 captions of at most 20 tokens, 3 updates. A step has 80 captions; a group has
 * 40 + 8·20 = 200 tokens; the updates take 3, 3 and 4 groups.
 *
 * @param steps of the run
 * @param captionsPerStep captions of a step
 * @param groupTokens tokens of one group with its prompt counted once
 * @param recomputes whether groups of that length have their activations computed again in backward
 * @param groupsPerUpdate groups of each of a step's updates
 * @param prefillTokensPerStep prompt tokens computed before the captions, once a group
 * @param newTokensPerStep caption tokens
 * @param trainTokensPerStep tokens of the training forward and backward passes
 * @param questionsPerStep questions that the answerer reads
 * @param epochs passes over the training rows in the whole run; NaN where their number is not known
 * @param evalImages rows of one evaluation; 0 for all of a number that is not known
 * @param evaluations steps after which an evaluation is made; 0 is before training
 * @param checkpoints steps after which a checkpoint is saved
 */
public record BatchPlan(int steps, int captionsPerStep, long groupTokens, boolean recomputes, List<Integer> groupsPerUpdate,
        long prefillTokensPerStep, long newTokensPerStep, long trainTokensPerStep, long questionsPerStep,
        double epochs, long evalImages, List<Integer> evaluations, List<Integer> checkpoints) {

    /** The plan of a run. */
    public static BatchPlan of(RunConfig config, DataSize data) {
        TrainerSection trainer = config.trainer();
        int prompts = trainer.promptsPerStep();
        int captions = config.rollout().captionsPerPrompt();
        long newTokens = config.rollout().maxNewTokens();
        long groupTokens = data.promptTokens() + captions * newTokens;
        List<Integer> updates = MicroBatches.split(Collections.nCopies(prompts, groupTokens), trainer.updatesPerStep()).stream()
                .map(List::size).toList();
        return new BatchPlan(trainer.steps(), prompts * captions, groupTokens,
                trainer.recompute().applies(groupTokens, trainer.microBatchTokens()), updates, (long) prompts * data.promptTokens(),
                prompts * captions * newTokens, prompts * groupTokens,
                (long) prompts * captions * config.reward().questionsPerCaption(),
                data.trainRows() == 0 ? Double.NaN : (double) trainer.steps() * prompts / data.trainRows(), evalImages(config, data),
                withZero(every(trainer.evalEvery(), trainer.steps())), every(trainer.saveEvery(), trainer.steps()));
    }

    private static long evalImages(RunConfig config, DataSize data) {
        int wanted = config.eval().images();
        return wanted == 0 || data.evalRows() == 0 ? Math.max(wanted, data.evalRows()) : Math.min(wanted, data.evalRows());
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
        line(text, "steps", "%,d, %s", steps, Double.isNaN(epochs) ? "over rows that were not counted"
                : String.format(Locale.ROOT, "%.2f passes over the training rows", epochs));
        line(text, "captions a step", "%,d (%d images, %d captions each)", captionsPerStep, prompts, captionsPerStep / prompts);
        line(text, "rollout a step", "%,d prompt tokens computed once a group, at most %,d new tokens",
                prefillTokensPerStep, newTokensPerStep);
        line(text, "questions a step", "%,d", questionsPerStep);
        line(text, "updates a step", "%d of %s groups", groupsPerUpdate.size(),
                groupsPerUpdate.stream().distinct().map(String::valueOf).collect(Collectors.joining(" or ")));
        line(text, "a group", "at most %,d tokens, computed at once%s", groupTokens, recomputes ? ", its blocks again in backward" : "");
        line(text, "training a step", "at most %,d tokens forward and backward", trainTokensPerStep);
        line(text, "evaluations", "%s images %s", evalImages == 0 ? "all held-out" : String.format(Locale.ROOT, "%,d", evalImages),
                after(evaluations, "before training and after step"));
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
