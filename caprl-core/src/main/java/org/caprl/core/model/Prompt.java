package org.caprl.core.model;

import java.util.List;

/**
 * A prompt ready for a model.
 *
 * @param id the sample's id
 * @param ids token ids, each image's place expanded to as many image tokens as the vision tower makes rows
 * @param images the images in order of their places
 */
public record Prompt(String id, int[] ids, List<CausalLm.ImageInput> images) {
    /** A prompt without images. */
    public static Prompt text(String id, int... ids) {
        return new Prompt(id, ids, List.of());
    }
}
