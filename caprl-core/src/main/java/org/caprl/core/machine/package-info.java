/**
 * What this machine can do: processor, memory, backends, and how fast they are. For the commands that say so, here or on the nodes of
 * a cluster.
 */
package org.caprl.core.machine;
