/**
 * The part of the Jinja template language that chat templates are written in, for {@link org.caprl.core.text.ChatTemplate} alone.
 *
 * <p>It behaves as {@code transformers} sets Jinja up (trim_blocks and lstrip_blocks on, loop controls, its {@code tojson}), and is strict
 * where Jinja guesses: an unknown tag, filter, test or method is an error with the template's name and line. No Java object is reached by
 * reflection, so a downloaded template can do nothing but make text.
 *
 * <p>{@code Lexer} makes tokens, {@code Parser} makes a tree of records ({@code Node}, {@code Expr}), {@code Renderer} walks the nodes and
 * {@code Evaluator} the expressions.
 */
package org.caprl.core.text.jinja;
