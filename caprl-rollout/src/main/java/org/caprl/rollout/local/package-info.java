/** The caption engine of this JVM: it reads the very weights that the trainer updates. */
package org.caprl.rollout.local;
