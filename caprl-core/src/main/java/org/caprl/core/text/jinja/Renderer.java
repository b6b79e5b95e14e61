package org.caprl.core.text.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Walks the nodes of a template and writes its text. */
final class Renderer {
    private enum Flow { NEXT, BREAK, CONTINUE }

    private final String name;
    private StringBuilder out = new StringBuilder();

    Renderer(String name) {
        this.name = name;
    }

    String render(List<Node> nodes, Scope scope) {
        run(nodes, scope);
        return out.toString();
    }

    private Flow run(List<Node> nodes, Scope scope) {
        for (Node node : nodes) {
            Flow flow;
            try {
                flow = run(node, scope);
            } catch (Fault fault) {
                throw new JinjaException(name, node.line(), fault.getMessage());
            }
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }

    private Flow run(Node node, Scope scope) {
        switch (node) {
            case Node.Text text -> out.append(text.text());
            case Node.Output output -> out.append(Python.text(Evaluator.value(output.expression(), scope)));
            case Node.If branch -> {
                return run(chosen(branch, scope), scope);
            }
            case Node.For loop -> loop(loop, scope);
            case Node.Set set -> assign(set.targets(), Evaluator.value(set.value(), scope), scope);
            case Node.SetAttribute set -> {
                if (!(scope.get(set.namespace()) instanceof Namespace namespace)) {
                    throw new Fault("only a namespace's attributes can be set, '" + set.namespace() + "' is "
                            + Python.kind(scope.get(set.namespace())));
                }
                namespace.attributes().put(set.attribute(), Evaluator.value(set.value(), scope));
            }
            case Node.SetBlock set -> scope.set(set.target(), captured(set.body(), new Scope(scope)));
            case Node.Macro macro -> scope.set(macro.name(), macro(macro, scope));
            case Node.Generation generation -> {
                return run(generation.body(), scope);
            }
            case Node.Break end -> {
                return Flow.BREAK;
            }
            case Node.Continue next -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NEXT;
    }

    private static List<Node> chosen(Node.If branch, Scope scope) {
        for (int i = 0; i < branch.conditions().size(); i++) {
            if (Evaluator.truth(branch.conditions().get(i), scope)) {
                return branch.branches().get(i);
            }
        }
        return branch.otherwise();
    }

    private void loop(Node.For loop, Scope outer) {
        List<Object> items = new ArrayList<>(Python.items(Evaluator.value(loop.items(), outer)));
        if (loop.filter() != null) {
            items.removeIf(item -> {
                Scope scope = new Scope(outer);
                assign(loop.targets(), item, scope);
                return !Evaluator.truth(loop.filter(), scope);
            });
        }
        if (items.isEmpty()) {
            run(loop.otherwise(), new Scope(outer));
        }
        for (int i = 0; i < items.size(); i++) {
            Scope scope = new Scope(outer);
            scope.set("loop", loopState(items, i));
            assign(loop.targets(), items.get(i), scope);
            if (run(loop.body(), scope) == Flow.BREAK) {
                return;
            }
        }
    }

    /** What a template reads as {@code loop.index} and so on. */
    private static Map<String, Object> loopState(List<?> items, int index) {
        Map<String, Object> state = new HashMap<>();
        int size = items.size();
        state.put("index", index + 1L);
        state.put("index0", (long) index);
        state.put("revindex", (long) size - index);
        state.put("revindex0", size - index - 1L);
        state.put("first", index == 0);
        state.put("last", index == size - 1);
        state.put("length", (long) size);
        state.put("previtem", index > 0 ? items.get(index - 1) : new Undefined("there is no previous item: 'previtem'"));
        state.put("nextitem", index < size - 1 ? items.get(index + 1) : new Undefined("there is no next item: 'nextitem'"));
        Function cycle = (values, named) -> values.get(index % values.size());
        state.put("cycle", cycle);
        return state;
    }

    private static void assign(List<String> targets, Object value, Scope scope) {
        if (targets.size() == 1) {
            scope.set(targets.getFirst(), value);
            return;
        }
        List<?> values = Python.items(value);
        if (values.size() != targets.size()) {
            throw new Fault("cannot unpack " + values.size() + " values into " + targets.size() + " names");
        }
        for (int i = 0; i < targets.size(); i++) {
            scope.set(targets.get(i), values.get(i));
        }
    }

    private String captured(List<Node> body, Scope scope) {
        StringBuilder outside = out;
        out = new StringBuilder();
        try {
            run(body, scope);
            return out.toString();
        } finally {
            out = outside;
        }
    }

    private Function macro(Node.Macro macro, Scope definition) {
        int required = macro.parameters().size() - macro.defaults().size();
        return (positional, named) -> {
            if (positional.size() > macro.parameters().size()) {
                throw new Fault("macro '" + macro.name() + "' takes at most " + macro.parameters().size() + " arguments");
            }
            for (String argument : named.keySet()) {
                if (!macro.parameters().contains(argument)) {
                    throw new Fault("macro '" + macro.name() + "' has no parameter '" + argument + "'");
                }
            }
            Scope scope = new Scope(definition);
            for (int i = 0; i < macro.parameters().size(); i++) {
                String parameter = macro.parameters().get(i);
                Object value;
                if (i < positional.size()) {
                    value = positional.get(i);
                } else if (named.containsKey(parameter)) {
                    value = named.get(parameter);
                } else if (i >= required) {
                    value = Evaluator.value(macro.defaults().get(i - required), scope);
                } else {
                    value = new Undefined("parameter '" + parameter + "'");
                }
                scope.set(parameter, value);
            }
            return captured(macro.body(), scope);
        };
    }
}
