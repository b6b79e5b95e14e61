/**
 * A Ray cluster of this machine's own: the environment that it runs from, and its processes, from start to end. For {@code caprl ray}, and
 * for whoever looks for a cluster. It starts Ray's command and speaks to the system; no class of Ray is used.
 */
package org.caprl.rollout.cluster;
