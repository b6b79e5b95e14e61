/**
 * A reward from a language model that says in JSON how good a caption is. For recipes, and for whoever writes a
 * {@link org.caprl.reward.judge.TextWriter}.
 */
package org.caprl.reward.judge;
