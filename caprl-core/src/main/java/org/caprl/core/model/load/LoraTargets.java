package org.caprl.core.model.load;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.caprl.core.InputException;
import org.caprl.core.NearestNames;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.LoraSettings;
import org.caprl.core.nn.Params;

/** Whether the targets of adapters mean layers of the model, and how to say the same to peft. */
final class LoraTargets {
    private LoraTargets() {
    }

    /** @throws InputException naming every target that no linear layer matches, with the names that there are */
    static void require(Params params, String model) {
        LoraSettings settings = params.lora();
        List<String> problems = new ArrayList<>();
        for (String target : settings.targets()) {
            List<String> meant = params.linearLayers().stream().filter(layer -> LoraSettings.matches(target, layer)).toList();
            if (meant.isEmpty()) {
                List<String> near = NearestNames.of(target, names(params, layer -> true), 1);
                problems.add("'" + target + "' matches no linear layer"
                        + (near.isEmpty() ? "" : "; did you mean '" + near.getFirst() + "'?"));
            } else if (meant.stream().noneMatch(settings::adapts)) {
                problems.add("'" + target + "' matches only layers of the vision tower, such as " + meant.getFirst()
                        + "; lora.vision: true trains them");
            }
        }
        if (!problems.isEmpty()) {
            Set<String> seeing = names(params, layer -> !LoraSettings.inDecoder(layer));
            throw new InputException("lora.targets: " + String.join("; ", problems) + ". The linear layers of " + model + " are "
                    + String.join(", ", names(params, LoraSettings::inDecoder))
                    + (seeing.isEmpty() ? "" : ", and in the vision tower " + String.join(", ", seeing)));
        }
    }

    private interface Part {
        boolean has(String layer);
    }

    private static Set<String> names(Params params, Part part) {
        return params.linearLayers().stream().filter(part::has).map(LoraTargets::end)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * {@code target_modules}: the last parts of the layers' names where peft, which adapts any module whose name ends in one, embeddings
     * and convolutions too, would take the very layers that have adapters; else their whole names.
     */
    static List<String> forPeft(Params params, boolean nested) {
        Set<String> adapted = params.linearLayers().stream().filter(layer -> params.adapterWeights().containsKey(Adapters.nameOfA(layer)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        List<String> ends = adapted.stream().map(LoraTargets::end).distinct().toList();
        Set<String> matched = params.all().keySet().stream().filter(name -> name.endsWith(".weight"))
                .map(name -> name.substring(0, name.length() - ".weight".length())).filter(module -> ends.contains(end(module)))
                .collect(Collectors.toSet());
        return matched.equals(adapted) ? ends : adapted.stream().map(layer -> PeftNames.module(layer, nested)).toList();
    }

    private static String end(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
