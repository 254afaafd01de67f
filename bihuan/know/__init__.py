"""Know: our own people, our products, the customers, their people and who decides there."""
