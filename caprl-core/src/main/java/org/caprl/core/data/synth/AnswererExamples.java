package org.caprl.core.data.synth;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.caprl.core.data.Fact;
import org.caprl.core.data.QaItem;
import org.caprl.core.random.CounterRandom;

/**
 * Endless examples for the answerer, each a function of seed and index. Every kind of caption occurs, so that the network learns to read
 * the caption it is given, and to refuse where it does not say.
 *
 * @param seed  another seed, other examples
 * @param split of the scenes; {@link Split#WARM_START} to train on, {@link Split#EVAL} to measure
 */
public record AnswererExamples(long seed, Split split) {
    private static final long PURPOSE = CounterRandom.hash("synthetic answerer example");

    /** The example at this index, from 0; the kind is drawn: 40 % full, 20 % partial, 15 % noisy, 10 % one wrong, 5 % of each other. */
    public AnswererExample get(long index) {
        return get(index, kind(index));
    }

    /**
     * All questions of the scene at this index on one caption, of the kind that {@link #get(long)} draws: what is learnt at once from one
     * text.
     */
    public List<AnswererExample> paper(long index) {
        AnswererExample first = get(index);
        long key = CounterRandom.key(seed, PURPOSE, split.ordinal(), index, first.kind().ordinal());
        return Questions.of(Scenes.scene(split, seed, index), key).stream()
                .map(q -> new AnswererExample(first.kind(), first.caption(), q, CaptionAnswer.of(first.caption(), q))).toList();
    }

    private CaptionKind kind(long index) {
        int twentieth = new Draw(CounterRandom.key(seed, PURPOSE, split.ordinal(), index)).below(20);
        return twentieth < 8 ? CaptionKind.FULL : twentieth < 12 ? CaptionKind.PARTIAL : twentieth < 15 ? CaptionKind.NOISY
                : twentieth < 17 ? CaptionKind.ONE_WRONG : twentieth < 18 ? CaptionKind.EMPTY : twentieth < 19 ? CaptionKind.HEDGED
                : CaptionKind.FOREIGN;
    }

    /** The example at this index with a caption of this kind. */
    public AnswererExample get(long index, CaptionKind kind) {
        long key = CounterRandom.key(seed, PURPOSE, split.ordinal(), index, kind.ordinal());
        Draw draw = new Draw(key);
        Scene scene = Scenes.scene(split, seed, index);
        QaItem question = draw.pick(Questions.of(scene, key));
        CaptionPlan full = CaptionPlan.full(scene);
        String caption = switch (kind) {
            case FULL -> CaptionWriter.write(full);
            case PARTIAL -> CaptionWriter.write(full.noisy(noise(0, draw), draw));
            case NOISY -> CaptionWriter.write(full.noisy(noise(draw.between(0.1, 0.4), draw), draw));
            case ONE_WRONG -> CaptionWriter.write(oneWrong(full, scene, question, draw));
            case EMPTY -> "";
            case HEDGED -> CaptionWriter.write(full.hedged(draw));
            case FOREIGN -> CaptionWriter.full(Scenes.scene(split, seed ^ PURPOSE, index));
        };
        return new AnswererExample(kind, caption, question, CaptionAnswer.of(caption, question));
    }

    private static CaptionNoise noise(double wrong, Draw draw) {
        return new CaptionNoise(draw.between(0.3, 1.0), draw.between(0.4, 1.0), wrong);
    }

    private static CaptionPlan oneWrong(CaptionPlan full, Scene scene, QaItem question, Draw draw) {
        Query query = Query.parse(question.question()).orElseThrow();
        Fact asked = scene.facts().stream().filter(fact -> !query.answers(Set.of(fact)).isEmpty()).findFirst().orElseThrow();
        Set<String> possible = new HashSet<>(Attributes.values(asked.attribute()));
        List<String> wrongChoices = question.choices().stream()
                .filter(choice -> possible.contains(choice) && !choice.equals(asked.value())).toList();
        Fact wrong = !wrongChoices.isEmpty() && draw.chance(0.5) ? new Fact(asked.subject(), asked.attribute(), draw.pick(wrongChoices))
                : CaptionPlan.other(asked, draw);
        return full.with(asked, wrong);
    }
}
