package org.caprl.core.data.synth;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.data.Fact;

/**
 * What a caption is to state, before the words: mentions of objects or bars in order, then the closing facts.
 *
 * @param chart    whether it speaks of a chart
 * @param mentions objects or bars
 * @param closing  facts about the whole
 */
record CaptionPlan(boolean chart, List<Mention> mentions, List<Fact> closing) {
    /** One object or bar with what is said about it, which may be nothing. */
    record Mention(String subject, List<Fact> facts) {
    }

    static CaptionPlan full(Scene scene) {
        List<Mention> mentions = scene.mentions().stream().map(facts -> new Mention(facts.getFirst().subject(), facts)).toList();
        return new CaptionPlan(scene instanceof ChartScene, mentions, scene.closing());
    }

    /** Leaves out and falsifies at random. At least one object is mentioned, so that no caption is empty. */
    CaptionPlan noisy(CaptionNoise noise, Draw draw) {
        List<Mention> kept = new ArrayList<>();
        Mention always = draw.pick(mentions);
        for (Mention mention : mentions) {
            if (draw.chance(noise.mentionObject()) || mention == always) {
                kept.add(new Mention(mention.subject(), noisy(mention.facts(), noise, chart, draw)));
            }
        }
        return new CaptionPlan(chart, kept, noisy(closing, noise, false, draw));
    }

    /** With another fact in the place of one that it states. */
    CaptionPlan with(Fact old, Fact other) {
        List<Mention> changed = mentions.stream()
                .map(mention -> new Mention(mention.subject(), replace(mention.facts(), old, other))).toList();
        return new CaptionPlan(chart, changed, replace(closing, old, other));
    }

    /** With one mention repeated at the end, one of its facts changed: a caption that contradicts itself. */
    CaptionPlan hedged(Draw draw) {
        Mention mention = draw.pick(mentions);
        Fact fact = draw.pick(mention.facts());
        List<Mention> more = new ArrayList<>(mentions);
        more.add(new Mention(mention.subject(), replace(mention.facts(), fact, other(fact, draw))));
        return new CaptionPlan(chart, more, closing);
    }

    /** The same statement with another value. */
    static Fact other(Fact fact, Draw draw) {
        return new Fact(fact.subject(), fact.attribute(), draw.pickOther(Attributes.values(fact.attribute()), fact.value()));
    }

    /** {@code all}: nothing is left out, since a bar without its value says nothing. */
    private static List<Fact> noisy(List<Fact> facts, CaptionNoise noise, boolean all, Draw draw) {
        List<Fact> kept = new ArrayList<>();
        for (Fact fact : facts) {
            if (draw.chance(all ? 1 : noise.mention(fact.attribute()))) {
                kept.add(draw.chance(noise.wrong()) ? other(fact, draw) : fact);
            }
        }
        return kept;
    }

    private static List<Fact> replace(List<Fact> facts, Fact old, Fact other) {
        return facts.stream().map(fact -> fact.equals(old) ? other : fact).toList();
    }
}
