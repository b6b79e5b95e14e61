package org.caprl.trainer.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.caprl.core.InputException;
import org.caprl.core.NearestNames;
import org.caprl.trainer.bench.BenchCase.Subject;
import org.caprl.trainer.bench.BenchCase.Work;

/** The cases that there are. */
public final class BenchCases {
    private static final int NEW_TOKENS = 64;
    private static final int ANSWER_TOKENS = 10;
    private static final int NAMES_TOLD = 3;
    private static final List<BenchCase> ALL = all();

    private BenchCases() {
    }

    /** Every case, in the order in which they are measured. */
    public static List<BenchCase> list() {
        return ALL;
    }

    /**
     * The cases with these names, or whose names begin with one of them and a dash; without names all but those on request.
     *
     * @throws InputException for a name that fits nothing
     */
    public static List<BenchCase> named(List<String> names) {
        if (names.isEmpty()) {
            return ALL.stream().filter(c -> !c.onRequest()).toList();
        }
        Set<String> wanted = new LinkedHashSet<>();
        for (String name : names) {
            List<String> fitting = ALL.stream().map(BenchCase::name).filter(n -> n.equals(name) || n.startsWith(name + "-")).toList();
            if (fitting.isEmpty()) {
                List<String> all = ALL.stream().map(BenchCase::name).toList();
                List<String> near = NearestNames.of(name, all, NAMES_TOLD);
                throw new InputException("no case '" + name + "'; "
                        + (near.isEmpty() ? "there are: " + String.join(", ", all) : "did you mean " + String.join(" or ", near) + "?"));
            }
            wanted.addAll(fitting);
        }
        return ALL.stream().filter(c -> wanted.contains(c.name())).toList();
    }

    private static List<BenchCase> all() {
        List<BenchCase> cases = new ArrayList<>();
        for (Subject model : List.of(Subject.TEXT, Subject.VISION)) {
            for (int batch : new int[] {1, 8, 32}) {
                cases.add(of("generate-" + suffix(model) + "-b" + batch, Work.GENERATE, model, batch, 1, 64, NEW_TOKENS));
            }
        }
        for (Subject model : List.of(Subject.TEXT, Subject.VISION)) {
            for (int prompt : new int[] {64, 512}) {
                cases.add(of("group-" + suffix(model) + "-p" + prompt, Work.GENERATE, model, 4, 8, prompt, NEW_TOKENS));
            }
        }
        for (Subject model : List.of(Subject.TEXT, Subject.VISION)) {
            cases.add(sft(model, 8, 128));
            cases.add(sft(model, 32, 96));
        }
        for (Subject model : List.of(Subject.TEXT, Subject.VISION)) {
            cases.add(of("policy-" + suffix(model) + "-p512", Work.POLICY_STEP, model, 1, 8, 512, NEW_TOKENS));
        }
        cases.add(of("grpo-vision", Work.GRPO_STEP, Subject.VISION, 4, 8, 0, NEW_TOKENS));
        cases.add(of("answer-q8", Work.ANSWER, Subject.ANSWERER, 1, 8, 0, 1));
        cases.add(of("reward-c64-q8", Work.REWARD, Subject.ANSWERER, 64, 8, 0, ANSWER_TOKENS));
        cases.add(new BenchCase("decode-large", Work.GENERATE, Subject.LARGE, 1, 1, 8, 32, 0, 0, true));
        return List.copyOf(cases);
    }

    private static String suffix(Subject model) {
        return model == Subject.VISION ? "vision" : "text";
    }

    /** A sequence of {@code length} tokens; all are scored but the first, or the image with the two tokens around it. */
    private static BenchCase sft(Subject model, int batch, int length) {
        BenchCase shape = of("sft-" + suffix(model) + "-b" + batch + "-t" + length, Work.SFT_STEP, model, batch, 1, 1, length - 1);
        int context = shape.hasImage() ? 2 + shape.imageWidth() / 28 * (shape.imageHeight() / 28) : 1;
        return new BenchCase(shape.name(), shape.work(), model, batch, 1, context, length - context, shape.imageWidth(),
                shape.imageHeight(), false);
    }

    /** Images of 112 x 84 pixels where there are 32 sequences, of 224 x 168 elsewhere. */
    private static BenchCase of(String name, Work work, Subject model, int prompts, int captions, int promptTokens, int newTokens) {
        boolean sees = model == Subject.VISION;
        boolean small = prompts * captions >= 32;
        return new BenchCase(name, work, model, prompts, captions, promptTokens, newTokens, !sees ? 0 : small ? 112 : 224,
                !sees ? 0 : small ? 84 : 168, false);
    }
}
