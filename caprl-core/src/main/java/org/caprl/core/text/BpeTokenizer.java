package org.caprl.core.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.caprl.core.InputException;

/**
 * The byte-level BPE tokenizer of a checkpoint, run by Hugging Face's own library through DJL.
 *
 * <p>Safe for use by many threads; {@link #close} waits for calls under way, and later calls fail.
 */
public final class BpeTokenizer implements AutoCloseable {
    static {
        // The native library lies in the jar. Offline, DJL unpacks it and neither downloads a CUDA build nor reports its use.
        System.setProperty("ai.djl.offline", "true");
    }

    /** Its file in a checkpoint folder. */
    public static final String FILE = "tokenizer.json";

    private final Path file;
    private final Vocabulary vocabulary;
    private final HuggingFaceTokenizer tokenizer;
    /** Readers use the native tokenizer, the writer frees it. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private BpeTokenizer(Path file, Vocabulary vocabulary, HuggingFaceTokenizer tokenizer) {
        this.file = file;
        this.vocabulary = vocabulary;
        this.tokenizer = tokenizer;
    }

    /**
     * Loads {@code tokenizer.json} of a checkpoint folder.
     *
     * @throws InputException if the file is missing or not a BPE tokenizer
     */
    public static BpeTokenizer load(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder + ": " + FILE + " is missing. It comes with the model's repository; from vocab.json and"
                    + " merges.txt transformers makes it: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)");
        }
        Vocabulary vocabulary = Vocabulary.read(file);
        Map<String, String> options = Map.of("addSpecialTokens", "false", "truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD");
        try (InputStream in = Files.newInputStream(file)) {
            return new BpeTokenizer(file, vocabulary, HuggingFaceTokenizer.newInstance(in, options));
        } catch (IOException | RuntimeException e) {
            throw new InputException(file + ": the tokenizer cannot be loaded: " + e.getMessage(), e);
        } catch (LinkageError e) {
            throw new InputException("the native tokenizer library cannot be loaded: " + e.getMessage()
                    + "; it is unpacked to DJL_CACHE_DIR (default ~/.djl.ai), which must be writable and allow execution", e);
        }
    }

    /** Ids of a text; special tokens that stand in it are recognised, none is added. */
    public int[] encode(String text) {
        long[] ids = whileOpen(() -> idsOf(text));
        int[] narrow = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            narrow[i] = (int) ids[i];
        }
        return narrow;
    }

    /** The ids alone: DJL's {@code Encoding} also makes a string and a span of each token, which takes most of its time. */
    private long[] idsOf(String text) {
        long encoding = TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, false);
        try {
            return TokenizersLibrary.LIB.getTokenIds(encoding);
        } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
        }
    }

    /**
     * Text of ids; bytes that are not UTF-8 become U+FFFD, ids without a token vanish.
     *
     * @param skipSpecial whether special tokens are left out
     */
    public String decode(int[] ids, boolean skipSpecial) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return whileOpen(() -> tokenizer.decode(wide, skipSpecial));
    }

    /**
     * Id of a token spelled as in the vocabulary.
     *
     * @throws InputException if the tokenizer has no such token
     */
    public int idOf(String token) {
        return find(token).orElseThrow(() -> new InputException(file + ": no token '" + token
                + "', which this checkpoint's model needs; is it the tokenizer of another model?"));
    }

    /** Id of a token spelled as in the vocabulary, if there is one. */
    public OptionalInt find(String token) {
        Integer id = vocabulary.id(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Largest id + 1. The model's vocabulary may be larger (padding), never smaller. */
    public int vocabSize() {
        return vocabulary.size();
    }

    /** A token as the vocabulary spells it (a space is {@code Ġ}), or {@code <unused ID>} for an id without a token. */
    public String tokenText(int id) {
        String token = vocabulary.token(id);
        return token != null ? token : "<unused " + id + ">";
    }

    /** Where the tokenizer was read from. */
    public Path file() {
        return file;
    }

    /** Frees the native tokenizer. */
    @Override
    public void close() {
        Lock write = lock.writeLock();
        write.lock();
        try {
            if (!closed) {
                closed = true;
                tokenizer.close();
            }
        } finally {
            write.unlock();
        }
    }

    private <T> T whileOpen(Supplier<T> call) {
        Lock read = lock.readLock();
        read.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer of " + file + " is closed");
            }
            return call.get();
        } finally {
            read.unlock();
        }
    }
}
