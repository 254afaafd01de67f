"""Reaching customers: messages in the product, by e-mail, to group robots and webhooks, and calls to make."""
