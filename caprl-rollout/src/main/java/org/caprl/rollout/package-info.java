/** Rollouts: prompts go in, groups of captions come out, by weights of a known version. */
package org.caprl.rollout;
