/**
 * The reward behind HTTP: the service, for trainers of any make, and its client, with which a run of ours gets the rewards that it would
 * get in its own JVM. For launches. The only package that knows the web server.
 */
package org.caprl.reward.server;
