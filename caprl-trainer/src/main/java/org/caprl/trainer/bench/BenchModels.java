package org.caprl.trainer.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.data.synth.WorldTexts;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.bench.BenchCase.Subject;

/** The folders of the models: those that the user gives, and for the rest small random ones, made where they are not there yet. */
public final class BenchModels {
    private static final int MERGES = 730;
    private static final int WORDS = 800;
    private static final int WORD_LETTERS = 7;
    /** 256 wide, 4 layers, 8 heads over 2 of keys; the vision tower 128 wide, 4 blocks; about 1000 tokens. */
    private static final Map<Subject, TinyCheckpoint> SHAPES = Map.of(
            Subject.TEXT, new TinyCheckpoint(false, 256, 768, 4, 8, 2, 128, 384, 4, MERGES, 8192, 1),
            Subject.VISION, new TinyCheckpoint(true, 256, 768, 4, 8, 2, 128, 384, 4, MERGES, 8192, 2),
            Subject.ANSWERER, new TinyCheckpoint(false, 128, 256, 6, 4, 4, 96, 256, 4, MERGES, 1024, 3));

    private final Path made;
    private final Map<Subject, Path> given = new EnumMap<>(Subject.class);

    /**
     * Models for cases.
     *
     * @param made where small random models are kept, one folder each
     * @param given folders of the user's, told apart by family; each takes the place of the small one
     * @param answerer a text model that answers; null for the small one
     * @throws InputException for a family that no case uses, or two folders of one family
     */
    public BenchModels(Path made, List<Path> given, Path answerer) {
        this.made = made;
        for (Path folder : given) {
            Subject subject = subject(folder);
            Path other = this.given.put(subject, folder);
            if (other != null) {
                throw new InputException(other + " and " + folder + " are both models of the family that cases with "
                        + subject.name().toLowerCase(Locale.ROOT) + " use; give one of them");
            }
        }
        if (answerer != null) {
            if (subject(answerer) != Subject.TEXT) {
                throw new InputException(answerer + " is not a text model; an answerer never sees the image");
            }
            this.given.put(Subject.ANSWERER, answerer);
        }
    }

    private static Subject subject(Path folder) {
        JsonNode config;
        try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
            config = checkpoint.config();
        }
        return config.has("vision_config") ? Subject.VISION : Subject.TEXT;
    }

    /** The folder of a model that has one; made now where it has to be. */
    Path folder(Subject subject) {
        Path folder = given.get(subject);
        if (folder != null) {
            return folder;
        }
        folder = made.resolve(subject.name().toLowerCase(Locale.ROOT));
        if (!Files.exists(folder.resolve("config.json"))) {
            try (TensorOps ops = Backends.open("reference", 1).ops()) {
                Files.createDirectories(made);
                SHAPES.get(subject).write(folder, texts(), ops);
            } catch (IOException e) {
                throw DiskFailure.writing(folder, e);
            }
        }
        return folder;
    }

    /** Texts of the synthetic world, and words of random letters that fill the vocabulary. */
    private static List<String> texts() {
        List<String> texts = new ArrayList<>(WorldTexts.all());
        long key = CounterRandom.hash("words of the benchmark's tokenizer");
        for (int word = 0; word < WORDS; word++) {
            StringBuilder letters = new StringBuilder(" ");
            for (int i = 0; i < WORD_LETTERS; i++) {
                letters.append((char) ('a' + (int) (26 * CounterRandom.uniform(key, (long) word * WORD_LETTERS + i))));
            }
            texts.add(letters.toString().repeat(3));
        }
        return texts;
    }
}
