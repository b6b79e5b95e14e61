package org.caprl.trainer.launch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.ModelSaver;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.state.RunRecord;

/**
 * A model for others: a plain Hugging Face folder with weights (adapters merged into those of their base), configuration, tokenizer,
 * processor, generation configuration and a model card, and nothing of the training.
 *
 * @param model a run, whose newest checkpoint is taken, a checkpoint of one, or a Hugging Face folder
 * @param out the new folder
 * @param dtype of the stored weights
 * @param maxShardBytes a weight file is closed before it would exceed this
 */
public record ExportLaunch(Path model, Path out, WeightType dtype, long maxShardBytes) {
    /** Writes the folder, whole or not at all. @param log takes lines for the user */
    public void run(Consumer<String> log) {
        RunRecord.Found found = RunRecord.find(model);
        Path files = Models.base(found.weights());
        AtomicDirectory.sweep(out.toAbsolutePath().normalize().getParent());
        try (AtomicDirectory aside = AtomicDirectory.create(out);
                TensorOps ops = Backends.open("auto", 0).ops();
                CausalLm plain = Models.loadMerged(found.weights(), ops, WeightType.FLOAT32);
                Processor processor = Processor.load(files)) {
            StoredType type = dtype == WeightType.BFLOAT16 ? StoredType.BF16 : StoredType.F32;
            ModelSaver.save(plain, files, aside.path(), type, maxShardBytes);
            generationConfig(aside.path());
            AtomicFile.write(aside.path().resolve("README.md"), ModelCard.text(out.toAbsolutePath().normalize().getFileName().toString(),
                    architecture(aside.path()), processor.sees(), dtype.name().toLowerCase(Locale.ROOT), plain.params().count(),
                            found.run())
                    .getBytes(StandardCharsets.UTF_8));
            aside.commit();
        }
        log.accept("exported " + found.weights() + found.run().map(run -> " (step " + run.step() + ")").orElse("") + " to " + out);
    }

    /** Says where a text ends, where the source says so in {@code config.json} only: generation reads it from here. */
    private static void generationConfig(Path folder) {
        try (HfCheckpoint exported = HfCheckpoint.open(folder)) {
            if (exported.generationConfig().isEmpty() && !exported.eosTokenIds().isEmpty()) {
                ObjectNode config = JsonNodeFactory.instance.objectNode().put("_from_model_config", true);
                exported.eosTokenIds().forEach(config.putArray("eos_token_id")::add);
                AtomicFile.write(folder.resolve("generation_config.json"), (config.toPrettyString()
                        + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static String architecture(Path folder) {
        try (HfCheckpoint exported = HfCheckpoint.open(folder)) {
            return Optional.of(exported.config().path("architectures").path(0).asText()).filter(name -> !name.isEmpty())
                    .orElse(exported.config().path("model_type").asText());
        }
    }
}
