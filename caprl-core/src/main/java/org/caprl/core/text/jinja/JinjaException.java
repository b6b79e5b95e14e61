package org.caprl.core.text.jinja;

import org.caprl.core.InputException;

/** A template that cannot be read or rendered; the message names the template, the line and the fault. */
public final class JinjaException extends InputException {
    private static final long serialVersionUID = 1L;

    JinjaException(String template, int line, String fault) {
        super(template + ", line " + line + ": " + fault);
    }
}
