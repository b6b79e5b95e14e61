package org.caprl.core.data.synth;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.caprl.core.data.Fact;
import org.caprl.core.data.QaItem;
import org.caprl.core.random.CounterRandom;

/**
 * Questions about a scene: six for one object, ten for more, five or six for a chart, each with four choices (sizes: two).
 *
 * <p>They can't be guessed. Everything is drawn so that the values of a question may be swapped without changing the probability of the
 * scene, and the wrong choices are the values of the scene's other things first, then any others: given the wording and the choices, each
 * choice is right equally often. Where there are several things, a caption that only lists what occurs, without saying what belongs to
 * what, doesn't tell the answer either.
 */
public final class Questions {
    /** Choices of a question, where the attribute has as many values. */
    public static final int CHOICES = 4;

    /** Of the up to 20 questions about objects, so many are asked, drawn at random; the count is always asked. */
    private static final int ABOUT_OBJECTS = 9;
    private static final long PURPOSE = CounterRandom.hash("synthetic questions");

    private Questions() {
    }

    /** The questions of a scene; the same key gives the same. */
    public static List<QaItem> of(Scene scene, long key) {
        Draw draw = new Draw(CounterRandom.with(key, PURPOSE));
        List<Query> queries = new ArrayList<>();
        for (List<Fact> facts : scene.mentions()) {
            for (Fact fact : facts) {
                queries.add(Query.value(fact));
                if (fact.attribute().equals("colour") || fact.attribute().equals("place")) {
                    queries.add(Query.subject(fact));
                }
            }
        }
        queries = draw.sample(queries, Math.min(queries.size(), ABOUT_OBJECTS));
        for (Fact fact : scene.closing()) {
            queries.add(Query.value(fact));
        }
        return queries.stream().map(query -> item(query, scene, draw)).toList();
    }

    private static QaItem item(Query query, Scene scene, Draw draw) {
        String answer = query.answers(new HashSet<>(scene.facts())).iterator().next();
        List<String> others = query.others(scene, answer);
        List<String> choices = new ArrayList<>(draw.sample(others, Math.min(others.size(), CHOICES - 1)));
        List<String> rest = query.domain().stream().filter(value -> !value.equals(answer) && !choices.contains(value)).toList();
        choices.addAll(draw.sample(rest, Math.min(rest.size(), CHOICES - 1 - choices.size())));
        choices.add(answer);
        List<String> shuffled = draw.sample(choices, choices.size());
        return new QaItem(query.wording(), shuffled, shuffled.indexOf(answer));
    }
}
