package org.caprl.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a record component means as a configuration key. Every component of a configuration record carries one.
 *
 * <p>The key's name is the component's in snake_case, unless {@link #name} says otherwise. Bounds hold for numbers, also inside lists,
 * maps and {@code Optional}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
    /** Stands for "no default": a text that YAML cannot hold. */
    String NONE = "\0";

    /** The meaning, with units, in one or two sentences. */
    String doc();

    /**
     * The default as YAML text, such as {@code "1e-4"} or {@code "[]"}. Without one a key must be given; a section or an
     * {@code Optional} may still be left out.
     */
    String defaultValue() default NONE;

    /** The least value. */
    double min() default Double.NEGATIVE_INFINITY;

    /** The greatest value. */
    double max() default Double.POSITIVE_INFINITY;

    /** Values must be greater than this. */
    double exclusiveMin() default Double.NEGATIVE_INFINITY;

    /** Values must be less than this. */
    double exclusiveMax() default Double.POSITIVE_INFINITY;

    /** A word that stands for 0, whatever the bounds of a whole number: {@code all}. */
    String zero() default "";

    /** The key's name where the component can't have it: {@code class} is a word of Java. */
    String name() default "";

    /** The {@code String} may be the path of a file, which another process is told whole. */
    boolean mayBeFile() default false;

    /** The only texts that a {@code String} may be; an enum lists its own. */
    String[] choices() default {};
}
