package org.caprl.core.text.jinja;

/** A fault inside an expression; {@link Renderer} adds the template's name and the line and throws a {@link JinjaException}. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Fault(String message) {
        super(message, null, false, false);
    }
}
