package org.caprl.core.data.synth;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.caprl.core.data.Fact;

/**
 * Writes captions in the world's small English, always in the same order:
 *
 * <pre>{@code
 * The image shows a large red circle at the top left, a small blue star at the center. There are 2 objects.
 * The image shows a chart. tea is 4, milk is 7, rice is 2. The highest is milk. The lowest is rice.
 * }</pre>
 *
 * <p>What {@link FactReader} reads from such a caption is exactly what was to be stated.
 */
public final class CaptionWriter {
    private CaptionWriter() {
    }

    /** The reference caption: all facts of the scene. */
    public static String full(Scene scene) {
        return write(CaptionPlan.full(scene));
    }

    /** A caption that leaves out and errs at random: what a warm-started policy learns to write. The same key gives the same caption. */
    public static String noisy(Scene scene, CaptionNoise noise, long key) {
        return write(CaptionPlan.full(scene).noisy(noise, new Draw(key)));
    }

    static String write(CaptionPlan plan) {
        List<String> sentences = new ArrayList<>();
        String things = plan.mentions().stream()
                .map(mention -> plan.chart() ? bar(mention) : object(mention)).collect(Collectors.joining(", "));
        if (plan.chart()) {
            sentences.add("The image shows a chart.");
            sentences.add(things + ".");
        } else {
            sentences.add("The image shows " + things + ".");
        }
        plan.closing().forEach(fact -> sentences.add(closing(fact)));
        return String.join(" ", sentences);
    }

    private static String object(CaptionPlan.Mention mention) {
        StringBuilder words = new StringBuilder();
        String place = "";
        for (Fact fact : mention.facts()) {
            if (fact.attribute().equals("place")) {
                place = " at the " + fact.value();
            } else {
                words.append(fact.value()).append(' ');
            }
        }
        String named = words + mention.subject();
        return (named.startsWith("orange") ? "an " : "a ") + named + place;
    }

    private static String bar(CaptionPlan.Mention mention) {
        return mention.subject() + " is " + mention.facts().getFirst().value();
    }

    private static String closing(Fact fact) {
        if (fact.attribute().equals("count")) {
            return fact.value().equals("1") ? "There is 1 object." : "There are " + fact.value() + " objects.";
        }
        return "The " + fact.attribute() + " is " + fact.value() + ".";
    }
}
