package org.caprl.core.data.synth;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caprl.core.data.Fact;

/**
 * What a question asks for: the one open part of a fact. Exactly one of {@code subject} and {@code value} is open (empty).
 *
 * @param attribute of the fact
 * @param subject   given where the value is asked ("What colour is the circle?")
 * @param value     given where the subject is asked ("Which shape is red?")
 */
record Query(String attribute, Optional<String> subject, Optional<String> value) {
    /** A wording is a prefix, the given part, and a suffix. */
    private record Wording(String attribute, boolean asksValue, String prefix, String suffix) {
    }

    private static final List<Wording> WORDINGS = List.of(
            new Wording("colour", true, "What colour is the ", "?"),
            new Wording("size", true, "How big is the ", "?"),
            new Wording("place", true, "Where is the ", "?"),
            new Wording("place", false, "Which shape is at the ", "?"),
            new Wording("colour", false, "Which shape is ", "?"),
            new Wording("value", true, "What is the value of ", "?"),
            new Wording("count", true, "How many ", " are there?"),
            new Wording("highest", true, "Which has the highest value in the ", "?"),
            new Wording("lowest", true, "Which has the lowest value in the ", "?"));

    static Query value(Fact fact) {
        return new Query(fact.attribute(), Optional.of(fact.subject()), Optional.empty());
    }

    static Query subject(Fact fact) {
        return new Query(fact.attribute(), Optional.empty(), Optional.of(fact.value()));
    }

    /** The query of a wording, or empty for a question that is not of this world. */
    static Optional<Query> parse(String question) {
        for (Wording w : WORDINGS) {
            if (question.startsWith(w.prefix()) && question.endsWith(w.suffix())
                    && question.length() > w.prefix().length() + w.suffix().length()) {
                Optional<String> given = Optional.of(question.substring(w.prefix().length(), question.length() - w.suffix().length()));
                return Optional.of(new Query(w.attribute(), w.asksValue() ? given : Optional.empty(),
                        w.asksValue() ? Optional.empty() : given));
            }
        }
        return Optional.empty();
    }

    String wording() {
        Wording w = WORDINGS.stream().filter(one -> one.attribute().equals(attribute) && one.asksValue() == subject.isPresent())
                .findFirst().orElseThrow();
        return w.prefix() + subject.or(() -> value).orElseThrow() + w.suffix();
    }

    /**
     * The open part of every fact that fits: one text if the facts answer the question, none if they don't say, several if they disagree.
     */
    Set<String> answers(Set<Fact> facts) {
        return facts.stream()
                .filter(fact -> fact.attribute().equals(attribute) && fact.subject().equals(subject.orElse(fact.subject()))
                        && fact.value().equals(value.orElse(fact.value())))
                .map(this::open).collect(Collectors.toSet());
    }

    /** Everything that could be the answer. */
    List<String> domain() {
        return subject.isPresent() ? Attributes.values(attribute) : Shape.WORDS;
    }

    /** What the open part is for the scene's other things: wrong choices that a caption mentions too. */
    List<String> others(Scene scene, String answer) {
        Stream<String> others = attribute.equals("highest") || attribute.equals("lowest")
                ? scene.mentions().stream().map(facts -> facts.getFirst().subject())
                : scene.facts().stream().filter(fact -> fact.attribute().equals(attribute)).map(this::open);
        return others.filter(other -> !other.equals(answer)).distinct().toList();
    }

    private String open(Fact fact) {
        return subject.isPresent() ? fact.value() : fact.subject();
    }
}
