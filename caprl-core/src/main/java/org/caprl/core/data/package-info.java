/**
 * What a run reads: samples (images, prompt, questions), in an order that a seed fixes and a cursor can resume.
 *
 * <p>For recipes, evaluation and anyone who brings data of their own. {@code data.file} reads JSONL and Parquet; another format is
 * another {@link org.caprl.core.data.SampleSource}.
 */
package org.caprl.core.data;
