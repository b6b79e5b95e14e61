package org.caprl.core.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes expressions; faults carry no place, {@link Renderer} adds it. */
final class Evaluator {
    private Evaluator() {
    }

    static Object value(Expr expr, Scope scope) {
        return switch (expr) {
            case Expr.Literal literal -> literal.value();
            case Expr.Name name -> scope.get(name.name());
            case Expr.ListOf list -> values(list.items(), scope);
            case Expr.DictOf dict -> dict(dict, scope);
            case Expr.Attribute attribute -> attribute(value(attribute.target(), scope), attribute.name());
            case Expr.Item item -> item(value(item.target(), scope), value(item.key(), scope));
            case Expr.Slice slice -> slice(slice, scope);
            case Expr.Call call -> call(call, scope);
            case Expr.Filter filter -> Filters.apply(value(filter.target(), scope), filter.name(),
                    given("filter '" + filter.name() + "'", filter.arguments(), scope));
            case Expr.Test test -> test.negated() != Tests.holds(value(test.target(), scope), test.name(),
                    given("test '" + test.name() + "'", test.arguments(), scope));
            case Expr.Not not -> !truth(not.operand(), scope);
            case Expr.Sign sign -> sign(sign, scope);
            case Expr.And and -> {
                Object left = value(and.left(), scope);
                yield Python.truth(left) ? value(and.right(), scope) : left;
            }
            case Expr.Or or -> {
                Object left = value(or.left(), scope);
                yield Python.truth(left) ? left : value(or.right(), scope);
            }
            case Expr.Binary binary -> binary(binary.operator(), value(binary.left(), scope), value(binary.right(), scope));
            case Expr.Compare compare -> compare(compare, scope);
            case Expr.Conditional choice -> {
                if (truth(choice.condition(), scope)) {
                    yield value(choice.then(), scope);
                }
                yield choice.otherwise() == null ? new Undefined("a conditional without else") : value(choice.otherwise(), scope);
            }
        };
    }

    static boolean truth(Expr expr, Scope scope) {
        return Python.truth(value(expr, scope));
    }

    /** {@code target.a.b} for a dotted name, as filters take it; {@code otherwise}, if not null, stands for what is missing on the way. */
    static Object path(Object target, String dotted, Object otherwise) {
        Object value = target;
        for (String name : dotted.split("\\.")) {
            Object found = attribute(value, name);
            value = otherwise != null && found instanceof Undefined ? otherwise : found;
        }
        return value;
    }

    private static List<Object> values(List<Expr> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expr expression : expressions) {
            values.add(value(expression, scope));
        }
        return values;
    }

    private static Map<Object, Object> dict(Expr.DictOf dict, Scope scope) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < dict.keys().size(); i++) {
            map.put(value(dict.keys().get(i), scope), value(dict.values().get(i), scope));
        }
        return map;
    }

    private static Given given(String of, Expr.Arguments arguments, Scope scope) {
        Map<String, Object> named = new LinkedHashMap<>();
        arguments.named().forEach((name, expression) -> named.put(name, value(expression, scope)));
        return new Given(of, values(arguments.positional(), scope), named);
    }

    private static Object attribute(Object target, String name) {
        return switch (target) {
            case Undefined u -> throw new Fault(u.what() + " is undefined, so it has no '" + name + "'");
            case Map<?, ?> map -> entry(map, name);
            case Namespace namespace -> entry(namespace.attributes(), name);
            case null, default -> new Undefined("'" + name + "' of " + Python.kind(target));
        };
    }

    private static Object entry(Map<?, ?> map, Object key) {
        Object value = map.get(key);
        return value != null || map.containsKey(key) ? value : new Undefined("'" + key + "'");
    }

    private static Object item(Object target, Object key) {
        return switch (target) {
            case Undefined u -> throw new Fault(u.what() + " is undefined, so it has no item " + key);
            case Map<?, ?> map -> entry(map, key);
            case Namespace namespace -> entry(namespace.attributes(), key);
            case List<?> list when key instanceof Long index -> at(list, index);
            case String text when key instanceof Long index -> at(Python.items(text), index);
            case null, default -> new Undefined("item " + key + " of " + Python.kind(target));
        };
    }

    private static Object at(List<?> list, long index) {
        long place = index < 0 ? index + list.size() : index;
        return place >= 0 && place < list.size() ? list.get((int) place) : new Undefined("item " + index + " of " + list.size());
    }

    private static Object slice(Expr.Slice slice, Scope scope) {
        Object target = value(slice.target(), scope);
        List<Object> part = Python.slice(Python.items(target), bound(slice.from(), scope), bound(slice.to(), scope),
                bound(slice.step(), scope));
        if (!(target instanceof String)) {
            return part;
        }
        StringBuilder text = new StringBuilder();
        part.forEach(text::append);
        return text.toString();
    }

    private static Long bound(Expr expr, Scope scope) {
        Object value = expr == null ? null : value(expr, scope);
        if (value == null || value instanceof Long) {
            return (Long) value;
        }
        throw new Fault("a slice needs whole numbers, got " + Python.kind(value));
    }

    private static Object call(Expr.Call call, Scope scope) {
        if (call.callee() instanceof Expr.Attribute(Expr owner, String method)) {
            Object target = value(owner, scope);
            if (target instanceof String || target instanceof Map<?, ?> map
                    && (Methods.isMapMethod(method) || !(map.get(method) instanceof Function))) {
                return Methods.call(target, method, given("method '" + method + "'", call.arguments(), scope));
            }
            return invoke(attribute(target, method), "'" + method + "'", call.arguments(), scope);
        }
        String name = call.callee() instanceof Expr.Name(String text) ? "'" + text + "'" : "the expression";
        return invoke(value(call.callee(), scope), name, call.arguments(), scope);
    }

    private static Object invoke(Object callee, String name, Expr.Arguments arguments, Scope scope) {
        if (callee instanceof Function function) {
            Given given = given(name, arguments, scope);
            return function.call(given.positional(), given.named());
        }
        throw new Fault(name + " cannot be called: it is " + (callee instanceof Undefined ? "undefined" : Python.kind(callee)));
    }

    private static Object sign(Expr.Sign sign, Scope scope) {
        Object value = value(sign.operand(), scope);
        return switch (value) {
            case Long number -> sign.minus() ? -number : number;
            case Double number -> sign.minus() ? -number : number;
            case null, default -> throw new Fault("cannot put a sign before " + Python.kind(value));
        };
    }

    private static Object binary(String operator, Object left, Object right) {
        if (operator.equals("~")) {
            return Python.text(left) + Python.text(right);
        }
        if (left instanceof Long a && right instanceof Long b) {
            return integers(operator, a, b);
        }
        if (Python.isNumber(left) && Python.isNumber(right)) {
            return doubles(operator, ((Number) left).doubleValue(), ((Number) right).doubleValue());
        }
        if (operator.equals("+") && left instanceof String a && right instanceof String b) {
            return a + b;
        }
        if (operator.equals("+") && left instanceof List<?> a && right instanceof List<?> b) {
            List<Object> joined = new ArrayList<>(a);
            joined.addAll(b);
            return joined;
        }
        if (operator.equals("*") && left instanceof String text && right instanceof Long times) {
            return text.repeat((int) Math.max(0, times));
        }
        throw new Fault("cannot compute " + Python.kind(left) + " " + operator + " " + Python.kind(right));
    }

    private static Object integers(String operator, long a, long b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new Fault("division by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> (double) a / b;
            case "//" -> Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            case "**" -> b >= 0 ? (Object) Math.round(Math.pow(a, b)) : (Object) Math.pow(a, b);
            default -> throw new Fault("unknown operator " + operator);
        };
    }

    private static Object doubles(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            case "**" -> Math.pow(a, b);
            default -> throw new Fault("unknown operator " + operator);
        };
    }

    private static boolean compare(Expr.Compare compare, Scope scope) {
        Object left = value(compare.first(), scope);
        for (int i = 0; i < compare.rest().size(); i++) {
            Object right = value(compare.rest().get(i), scope);
            boolean holds = switch (compare.operators().get(i)) {
                case "==" -> Python.equal(left, right);
                case "!=" -> !Python.equal(left, right);
                case "<" -> Python.compare(left, right) < 0;
                case "<=" -> Python.compare(left, right) <= 0;
                case ">" -> Python.compare(left, right) > 0;
                case ">=" -> Python.compare(left, right) >= 0;
                case "in" -> Python.contains(right, left);
                default -> !Python.contains(right, left);
            };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }
}
