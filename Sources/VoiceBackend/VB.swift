public enum VB {}
