/**
 * The reward of CapRL (arXiv 2509.22647): a caption is worth the share of questions about the image that a frozen language model answers
 * from the caption alone. For recipes, for the evaluation, and for whoever writes an {@link org.caprl.reward.qa.Answerer}.
 */
package org.caprl.reward.qa;
