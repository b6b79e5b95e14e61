package org.caprl.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;

/** The commands of the first screen in sections. A command that no section names stands in the last. */
final class CommandSections implements IHelpSectionRenderer {
    private static final String OTHERS = "Configuration and machine";
    private static final Map<String, String> SECTION_OF = new LinkedHashMap<>();

    static {
        Map<String, List<String>> sections = new LinkedHashMap<>();
        sections.put("Training", List.of("train", "sft"));
        sections.put("Captions and measurements", List.of("caption", "eval", "eval-answerer", "reward", "reward-server"));
        sections.put("Models and data", List.of("init", "data", "export", "parity"));
        sections.put("Cluster", List.of("ray", "submit"));
        sections.put(OTHERS, List.of("config", "doctor", "bench"));
        sections.forEach((section, names) -> names.forEach(name -> SECTION_OF.put(name, section)));
    }

    @Override
    public String render(Help help) {
        Map<String, Map<String, Help>> sections = new LinkedHashMap<>();
        SECTION_OF.values().forEach(section -> sections.putIfAbsent(section, new LinkedHashMap<>()));
        // The order of this class within a section, then commands that it does not know.
        SECTION_OF.forEach((name, section) -> {
            if (help.subcommands().containsKey(name)) {
                sections.get(section).put(name, help.subcommands().get(name));
            }
        });
        help.subcommands().forEach((name, sub) -> {
            if (!SECTION_OF.containsKey(name)) {
                sections.get(OTHERS).put(name, sub);
            }
        });
        StringBuilder text = new StringBuilder();
        sections.forEach((section, commands) -> {
            if (!commands.isEmpty()) {
                text.append(String.format("%n%s:%n", section)).append(help.commandList(commands));
            }
        });
        return text.toString();
    }
}
