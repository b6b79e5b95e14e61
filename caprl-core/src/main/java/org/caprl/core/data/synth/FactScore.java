package org.caprl.core.data.synth;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.caprl.core.data.Fact;

/**
 * How a caption stands to the truth, without any judge model. Scores of several captions add up with {@link #plus}.
 *
 * @param stated      different facts stated
 * @param trueStated  those of them that are true
 * @param falseStated those of them that are not
 * @param inScene     facts that there are
 */
public record FactScore(int stated, int trueStated, int falseStated, int inScene) {
    /** The score of no caption at all. */
    public static final FactScore ZERO = new FactScore(0, 0, 0, 0);

    /** Compares what a caption states with the facts of its image. */
    public static FactScore of(String caption, Collection<Fact> truth) {
        Set<Fact> stated = FactReader.read(caption);
        Set<Fact> scene = new HashSet<>(truth);
        int right = (int) stated.stream().filter(scene::contains).count();
        return new FactScore(stated.size(), right, stated.size() - right, scene.size());
    }

    /** The sum of two scores. */
    public FactScore plus(FactScore other) {
        return new FactScore(stated + other.stated, trueStated + other.trueStated, falseStated + other.falseStated,
                inScene + other.inScene);
    }

    /** {@code eval/facts_true}: true facts stated over facts in the scene, in [0, 1]; 0 without facts. */
    public double trueShare() {
        return inScene == 0 ? 0 : (double) trueStated / inScene;
    }

    /** {@code eval/facts_false}: false facts stated over facts stated, in [0, 1]; 0 if nothing is stated. */
    public double falseShare() {
        return stated == 0 ? 0 : (double) falseStated / stated;
    }
}
