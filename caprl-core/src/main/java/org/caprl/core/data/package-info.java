/**
 * What a run reads: samples (image, prompt, questions) from files, in an order that a seed fixes and a cursor can resume.
 *
 * <p>For recipes, evaluation and anyone who brings data of their own. {@link org.caprl.core.data.JsonlSource} is the reader of today;
 * another format is another {@link org.caprl.core.data.SampleSource}.
 */
package org.caprl.core.data;
