/** Weights on their way from who trains them to those who write captions: in parts, once a version, confirmed by digest. */
package org.caprl.rollout.weights;
