package org.caprl.trainer.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.core.nn.WeightType;

/**
 * The frozen model that answers questions.
 *
 * @param path its folder
 * @param dtype of the weights in memory
 * @param template its user turn
 * @param remote where it is served
 * @param others more of them
 */
public record AnswererSection(
        @Key(doc = "Folder in Hugging Face format: config.json, safetensors, tokenizer.json, chat template. Exactly one of this, "
                + "`answerer.remote` and `reward.server` says who answers.") @FileMustExist Optional<Path> path,
        @Key(doc = "Type of the weights in memory; other types are converted when the model is loaded. `bfloat16` takes half the memory "
                + "and computes in float32. Not for a remote one.", defaultValue = "float32") WeightType dtype,
        @Key(doc = "What the answerer is told: `default` (instructions and two worked examples, for instruction-tuned models), `short` "
                + "(caption and question alone, for small answerers trained on that), or a text file with the places `{caption}` and "
                + "`{question}`.", defaultValue = "default", mayBeFile = true) String template,
        @Key(doc = "An answerer behind an OpenAI-compatible endpoint (vLLM, SGLang, llama.cpp), in place of `answerer.path`.")
        Optional<RemoteSection> remote,
        @Key(doc = "More answerers, each with the keys of this section but this one. A caption's reward is the mean over all; evaluations "
                + "ask the first alone.", defaultValue = "[]") List<OneAnswererSection> others) {
    /** @throws IllegalArgumentException if the model is in two places */
    public AnswererSection {
        if (path.isPresent() && remote.isPresent()) {
            OneAnswererSection.requireOnePlace(path, remote);
        }
    }

    /** Whether there is a model. */
    boolean isGiven() {
        return path.isPresent() || remote.isPresent();
    }

    /** Without the others. */
    public OneAnswererSection first() {
        return new OneAnswererSection(path, dtype, template, remote);
    }

    /** This one and the others. */
    public List<OneAnswererSection> all() {
        return Stream.concat(Stream.of(first()), others.stream()).toList();
    }
}
