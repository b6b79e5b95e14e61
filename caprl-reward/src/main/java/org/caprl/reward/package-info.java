/**
 * What a caption is worth: rewards, their weighted sum, and the scored groups that advantages are made of. For recipes, and for users'
 * own rewards.
 */
package org.caprl.reward;
