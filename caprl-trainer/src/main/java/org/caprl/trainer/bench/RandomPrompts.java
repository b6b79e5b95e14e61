package org.caprl.trainer.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.caprl.core.InputException;
import org.caprl.core.image.ImagePatches;
import org.caprl.core.image.RgbImage;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.core.text.BpeTrainer;

/**
 * Prompts of exact length: random ids, for models that see behind an image of noise.
 *
 * @param processor of the model
 * @param folder of the model, named in errors
 */
record RandomPrompts(Processor processor, Path folder) {
    private static final int HIGHEST = 512;

    /** Ids below this one are ordinary tokens; below {@value #HIGHEST} for any vocabulary. */
    int idLimit() {
        return BpeTrainer.SPECIAL.stream().mapToInt(token -> Math.min(HIGHEST, processor.tokenizer().find(token).orElse(HIGHEST))).min()
                .getAsInt();
    }

    /** The prompts of a case. */
    List<Prompt> of(BenchCase wanted) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < wanted.prompts(); i++) {
            prompts.add(prompt(wanted, i));
        }
        return prompts;
    }

    /** {@code count} random ids; always the same for a seed. */
    int[] ids(long seed, int count) {
        return new Random(seed).ints(count, 0, idLimit()).toArray();
    }

    private Prompt prompt(BenchCase wanted, int index) {
        int[] ids = ids(index, wanted.promptTokens());
        List<ImageInput> images = new ArrayList<>();
        if (wanted.hasImage()) {
            ImagePatches patches = processor.imageProcessor().process(noise(wanted, index));
            int[] image = processor.imageIds(patches.tokens());
            if (image.length > ids.length) {
                throw new InputException("case " + wanted.name() + ": " + folder + " makes " + image.length + " tokens of an image of "
                        + wanted.imageWidth() + "x" + wanted.imageHeight() + ", which does not fit into a prompt of " + ids.length
                        + "; give a model with patches of 14 pixels, merged 2 x 2, that does not enlarge such images");
            }
            System.arraycopy(image, 0, ids, 0, image.length);
            images.add(ImageInput.of(patches));
        }
        return new Prompt(wanted.name() + "-" + index, ids, images);
    }

    /** An image of random pixels. */
    static RgbImage noise(BenchCase wanted, int index) {
        byte[] rgb = new byte[3 * wanted.imageWidth() * wanted.imageHeight()];
        new Random(index).nextBytes(rgb);
        return new RgbImage(wanted.imageWidth(), wanted.imageHeight(), rgb);
    }
}
