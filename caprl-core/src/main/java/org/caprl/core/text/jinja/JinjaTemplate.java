package org.caprl.core.text.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** A parsed template; immutable, so one instance serves all threads. */
public final class JinjaTemplate {
    private final String name;
    private final List<Node> nodes;

    private JinjaTemplate(String name, List<Node> nodes) {
        this.name = name;
        this.nodes = nodes;
    }

    /**
     * Reads a template.
     *
     * @param name what errors call it, usually the path of its file
     * @throws JinjaException with the line of what cannot be read
     */
    public static JinjaTemplate parse(String name, String source) {
        return new JinjaTemplate(name, Parser.parse(name, source));
    }

    /**
     * Writes the template's text.
     *
     * @param variables null, Boolean, Long, Double, String, and Lists and Maps of these
     * @throws JinjaException with the line of the fault, also when the template itself refuses its input by {@code raise_exception}
     */
    public String render(Map<String, ?> variables) {
        Scope globals = new Scope(null);
        Function namespace = (positional, named) -> new Namespace(new LinkedHashMap<>(named));
        Function dict = (positional, named) -> new LinkedHashMap<>(named);
        Function refuse = (positional, named) -> {
            throw new Fault("the template refuses its input: " + (positional.isEmpty() ? "" : Python.text(positional.getFirst())));
        };
        Function range = (positional, named) -> range(new Given("range", positional, named));
        globals.set("namespace", namespace);
        globals.set("dict", dict);
        globals.set("raise_exception", refuse);
        globals.set("range", range);
        variables.forEach(globals::set);
        return new Renderer(name).render(nodes, new Scope(globals));
    }

    private static List<Long> range(Given given) {
        given.expect(3);
        long from = given.has(1) ? given.integer(given.get(0)) : 0;
        long to = given.integer(given.get(given.has(1) ? 1 : 0));
        long step = given.has(2) ? given.integer(given.get(2)) : 1;
        if (step == 0) {
            throw new Fault("range cannot have step 0");
        }
        return LongStream.iterate(from, i -> step > 0 ? i < to : i > to, i -> i + step).boxed().toList();
    }
}
