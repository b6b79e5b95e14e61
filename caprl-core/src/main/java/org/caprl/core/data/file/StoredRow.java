package org.caprl.core.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.SampleImage;

/**
 * A row as it stands in a file, whatever the file's format.
 *
 * @param place    file and line or row, for errors
 * @param json     the row without the bytes of its images, see {@link CaptionRow}
 * @param folder   where paths of images start from
 * @param embedded the images whose bytes lie in the row, each at its place; empty where the row holds only a path, and fewer than there
 *                 are images where it holds none
 */
record StoredRow(String place, JsonNode json, Path folder, List<Optional<SampleImage>> embedded) {
    /** The sample. @throws InputException with the place, what is wrong and its cure */
    CaptionSample sample(RowUse use) {
        try {
            return CaptionRow.read(this, use);
        } catch (IllegalArgumentException e) {
            throw fault(e);
        }
    }

    /** Its id. @throws InputException with the place if there is none */
    String id() {
        try {
            return CaptionRow.id(json);
        } catch (IllegalArgumentException e) {
            throw fault(e);
        }
    }

    /** Its images, at least one. @throws InputException with the place if one is missing */
    List<SampleImage> images() {
        try {
            return CaptionRow.images(this);
        } catch (IllegalArgumentException e) {
            throw fault(e);
        }
    }

    private InputException fault(IllegalArgumentException cause) {
        return new InputException(place + ": " + cause.getMessage(), cause);
    }
}
