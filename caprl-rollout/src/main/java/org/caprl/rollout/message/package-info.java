/**
 * What crosses between processes, as bytes: one versioned binary form, little-endian, strictly read. Numbers keep every bit, NaN's too.
 */
package org.caprl.rollout.message;
