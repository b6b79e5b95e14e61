package org.caprl.core.text.jinja;

import java.util.List;
import java.util.Map;

/** An expression of a template. */
sealed interface Expr {
    /** A string, number, boolean or none. */
    record Literal(Object value) implements Expr { }

    record Name(String name) implements Expr { }

    record ListOf(List<Expr> items) implements Expr { }

    /** A dictionary display; {@code keys} and {@code values} run in parallel. */
    record DictOf(List<Expr> keys, List<Expr> values) implements Expr { }

    /** {@code target.name} */
    record Attribute(Expr target, String name) implements Expr { }

    /** {@code target[key]} */
    record Item(Expr target, Expr key) implements Expr { }

    /** {@code target[from:to:step]}; a part that was left out is null. */
    record Slice(Expr target, Expr from, Expr to, Expr step) implements Expr { }

    record Call(Expr callee, Arguments arguments) implements Expr { }

    /** {@code target | name(arguments)} */
    record Filter(Expr target, String name, Arguments arguments) implements Expr { }

    /** {@code target is [not] name(arguments)} */
    record Test(Expr target, String name, Arguments arguments, boolean negated) implements Expr { }

    record Not(Expr operand) implements Expr { }

    /** {@code -operand} or {@code +operand} */
    record Sign(boolean minus, Expr operand) implements Expr { }

    record And(Expr left, Expr right) implements Expr { }

    record Or(Expr left, Expr right) implements Expr { }

    /** {@code + - * / // % ** ~} */
    record Binary(String operator, Expr left, Expr right) implements Expr { }

    /** {@code first op rest[0] op rest[1] …}, compared in pairs as in Python; operators include {@code in} and {@code not in}. */
    record Compare(Expr first, List<String> operators, List<Expr> rest) implements Expr { }

    /** {@code then if condition else otherwise}; {@code otherwise} is null when left out. */
    record Conditional(Expr condition, Expr then, Expr otherwise) implements Expr { }

    /** Arguments of a call, filter or test. */
    record Arguments(List<Expr> positional, Map<String, Expr> named) {
        static final Arguments NONE = new Arguments(List.of(), Map.of());
    }
}
