package org.caprl.core.model.config;

import org.caprl.core.InputException;

/** A model that is whole but that this version does not compute: another family, or an option of a known one. */
public final class UnsupportedModelException extends InputException {
    private static final long serialVersionUID = 1L;

    /** An error with a complete message. */
    public UnsupportedModelException(String message) {
        super(message);
    }
}
