/**
 * Runs on a cluster that this machine does not belong to: a configuration and what runs it are packed, given to the cluster's job server
 * over HTTP, and followed. For {@code caprl submit}. Neither Python nor Ray is needed on this side.
 */
package org.caprl.trainer.submit;
