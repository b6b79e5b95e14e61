package org.caprl.core.text.jinja;

import java.util.List;

/** A statement or a piece of text of a template, with the line where it starts. */
sealed interface Node {
    int line();

    record Text(String text, int line) implements Node { }

    record Output(Expr expression, int line) implements Node { }

    /** {@code branches[i]} runs when {@code conditions[i]} is the first that holds, {@code otherwise} when none does. */
    record If(List<Expr> conditions, List<List<Node>> branches, List<Node> otherwise, int line) implements Node { }

    /** {@code filter} is null when there is none; {@code otherwise} runs when there was no item. */
    record For(List<String> targets, Expr items, Expr filter, List<Node> body, List<Node> otherwise, int line) implements Node { }

    record Set(List<String> targets, Expr value, int line) implements Node { }

    /** {@code set namespace.attribute = value} */
    record SetAttribute(String namespace, String attribute, Expr value, int line) implements Node { }

    /** {@code set target} … {@code endset}: the rendered body becomes the value. */
    record SetBlock(String target, List<Node> body, int line) implements Node { }

    /** {@code defaults} belong to the last parameters. */
    record Macro(String name, List<String> parameters, List<Expr> defaults, List<Node> body, int line) implements Node { }

    /** {@code generation} … {@code endgeneration}: marks the assistant's text for others; here its body is simply rendered. */
    record Generation(List<Node> body, int line) implements Node { }

    record Break(int line) implements Node { }

    record Continue(int line) implements Node { }
}
