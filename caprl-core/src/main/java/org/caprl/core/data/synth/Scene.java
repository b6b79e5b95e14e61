package org.caprl.core.data.synth;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.data.Fact;

/** What an image shows, apart from how it is drawn. */
public sealed interface Scene permits ObjectScene, ChartScene {
    /** The facts of each thing that has a mention of its own in a caption, in the order of the mentions. */
    List<List<Fact>> mentions();

    /** The facts about the image as a whole, which close a caption. */
    List<Fact> closing();

    /** Name of the data set that rows of this kind belong to. */
    String dataSource();

    /** All facts. Two scenes with the same set of facts are the same scene. */
    default List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        mentions().forEach(facts::addAll);
        facts.addAll(closing());
        return facts;
    }

    /** All facts in one text that doesn't depend on their order. */
    default String canonical() {
        return String.join("; ", facts().stream().sorted().map(Fact::text).toList());
    }
}
